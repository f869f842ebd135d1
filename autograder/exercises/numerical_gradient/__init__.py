"""The bank of lesson 02-numerical-gradient."""
