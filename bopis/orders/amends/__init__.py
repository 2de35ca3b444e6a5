"""Where we broke our word: how that is said, what it costs us, and who calls."""
