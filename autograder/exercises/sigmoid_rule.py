"""In the making."""

EXERCISES: tuple = ()
