"""The pages for union representatives: their members, and the consultations of their body."""
