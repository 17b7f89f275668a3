"""The roadmap itself: a package per stage, a module per item."""
