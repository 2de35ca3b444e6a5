"""The roof: the order, the promise, and every view that sees all four packages."""
