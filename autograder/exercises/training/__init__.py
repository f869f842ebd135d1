"""The bank of lesson 06-training."""
