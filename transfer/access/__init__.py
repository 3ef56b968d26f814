"""Who is calling, and in which roles."""
