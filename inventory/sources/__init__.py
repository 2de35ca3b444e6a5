"""Where feeds come from, how each is written, and how often it should speak."""
