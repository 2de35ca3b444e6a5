"""An order, or what is missing of it, moves to another store."""
