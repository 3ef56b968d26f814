"""The parts of a running service: what they are by role, and how they start and stop."""
