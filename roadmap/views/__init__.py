"""Pages of the roadmap: overview, accounts, teams, stages, items, attestations, settings."""
