"""The duty to inform and consult before a transfer: what is owed, to whom, and what was given.

edition    the part of an edition that it goes by
facts      what is put on record of it
decisions  what is on record of it, and what may follow
answers    who is consulted, what is missing, the most of an award, and which policy was meant
kind       the declaration
"""
