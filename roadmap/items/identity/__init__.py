"""Stage 5: people and workloads hold only keys that expire."""
