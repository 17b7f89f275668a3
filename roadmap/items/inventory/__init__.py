"""Stage 1: know every account, whose it is and who pays for it."""
