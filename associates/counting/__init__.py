"""Counts on the floor: blind, and asked of whoever stands there."""
