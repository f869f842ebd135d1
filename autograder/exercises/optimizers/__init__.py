"""The bank of lesson 05-optimizers."""
