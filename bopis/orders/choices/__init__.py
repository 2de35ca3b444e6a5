"""What shoppers are asked when something cannot be had, and what comes of it."""
