"""A change of terms around a transfer: whether it holds, and what goes over to the new employer.

edition    the part of an edition that it goes by
facts      what is put on record of it
decisions  what is on record of it, and what may follow
answers    what it can be asked
kind       the declaration
"""
