"""The information that one employer gives the next about the people who move to it.

edition    the part of an edition that it goes by: the items, how long before, how fresh
held       what the record holds of somebody on a day, of what the edition asks for
facts      what is put on record of it
decisions  what is on record of it, and what may follow
answers    what it can be asked
kind       the declaration
"""
