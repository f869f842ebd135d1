"""The bank of lesson 03-sigmoid-rule."""
