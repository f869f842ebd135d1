"""What is measured, each figure with the command that measures it."""
