"""When a store is open, hands out orders, or is paused."""
