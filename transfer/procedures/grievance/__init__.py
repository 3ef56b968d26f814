"""A grievance of one person or of many on one matter, by a policy.

edition    the part of an edition that it goes by
facts      what is put on record of it
decisions  what is on record of it, and what may follow
answers    what it can be asked
kind       the declaration
"""
