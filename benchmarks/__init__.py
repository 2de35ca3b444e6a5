"""Measurements, each beside its limit in the same run. Never part of the tests."""
