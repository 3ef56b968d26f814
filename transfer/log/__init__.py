"""The log: the only truth. See `application`."""
