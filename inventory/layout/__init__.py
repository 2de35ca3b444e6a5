"""The floor of a store: its aisles, its places, and what is likely where."""
