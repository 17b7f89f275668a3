"""Stage 2: lose an account and still have its data."""
