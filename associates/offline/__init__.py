"""What a handheld takes along, what it did without us, and what came of each entry."""
