"""A written statement that an employer owes to one person: of particulars, or of a change.

edition    the part of an edition that it goes by
facts      what is put on record of it
decisions  what is on record of it, what may follow, and what it answers
kind       the declaration
"""
