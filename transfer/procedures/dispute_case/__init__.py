"""A dispute before a panel: whose record the panel may read, of which days, as known when.

facts      what is put on record of it
decisions  what is on record of it, and what may follow
kind       the declaration
"""
