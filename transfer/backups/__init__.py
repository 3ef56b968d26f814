"""Backups of a record that are proved: taken with what they must answer, restored, and asked."""
