"""The pages for everybody who signs in: find a record, read it, see why it says so."""
