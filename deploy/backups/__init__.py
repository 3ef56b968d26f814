"""Copies of the embedded database's files: taken, checked, and brought back, by its own tools."""
