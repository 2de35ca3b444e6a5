"""Somebody should go and look: counts, contradictions, and shelves drawn by lot."""
