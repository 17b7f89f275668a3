"""Stage 9: traffic goes where it is meant to."""
