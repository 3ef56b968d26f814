"""Key work in one establishment: how many hours it takes, and what its plan must have.

edition    the part of an edition that it goes by
facts      what is put on record of it
decisions  what is on record of it, what may follow, and what it answers
kind       the declaration
"""
