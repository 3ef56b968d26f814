"""The time in which one person can make a claim to an employment tribunal.

edition    the part of an edition that it goes by
law        the dated rules for one kind of claim, out of that part
facts      what is put on record of it
decisions  what is on record of it, and what may follow
answers    what it can be asked
kind       the declaration
"""
