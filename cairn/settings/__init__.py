"""Settings: ``base`` holds everything, from the environment; the others only override."""
