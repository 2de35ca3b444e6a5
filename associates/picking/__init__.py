"""Orders on the floor: who has which in hand, what each scan means, and what it does."""
