"""Stage 10: the bad day has been practised."""
