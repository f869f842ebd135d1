"""The bank of lesson 07-loss-landscapes."""
