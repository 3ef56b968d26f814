"""Somebody leaves around a transfer otherwise than with it: dismissed, treated as dismissed, or
because of an objection that could not come earlier.

edition    the part of an edition that it goes by
facts      what is put on record of it
decisions  what is on record of it, and what may follow
answers    what it can be asked
kind       the declaration
"""
