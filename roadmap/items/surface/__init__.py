"""Stage 6: attack surface and containment."""
