"""The bank of lesson 01-derivatives."""
