"""Where to walk, in which order, and which orders together."""
