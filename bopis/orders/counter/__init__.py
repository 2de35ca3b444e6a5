"""Customers who come: on their way, here, waited on, and what the screens show of them."""
