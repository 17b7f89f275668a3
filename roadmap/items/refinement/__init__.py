"""Stage 8: better detection, least privilege."""
