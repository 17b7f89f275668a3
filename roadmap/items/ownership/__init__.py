"""Stage 7: reproducibility and ownership."""
