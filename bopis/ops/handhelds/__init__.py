"""Handhelds in the hands of store operations: what is odd about one, and letting it go on."""
