"""What pay comes to: exact sums, month by month. Rates and rules come in; nothing here has any."""
