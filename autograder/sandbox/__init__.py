"""Where student code runs: a warm process in a container, and a fork of it for each submission."""
