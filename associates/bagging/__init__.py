"""Bags, totes and their labels, until an order is handed over."""
