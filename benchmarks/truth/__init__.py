"""A store whose truth is known, and what we make of what we are told about it."""
