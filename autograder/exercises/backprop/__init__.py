"""The bank of lesson 04-backprop."""
