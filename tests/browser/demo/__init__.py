"""Tests that share one running demo; tests/conftest.py keeps them in one process."""
