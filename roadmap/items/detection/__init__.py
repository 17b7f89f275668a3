"""Stage 4: hear of trouble, and be able to look into it."""
