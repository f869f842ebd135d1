"""Files of learning platforms: what they hand out, and what they take in."""
