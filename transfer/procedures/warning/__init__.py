"""A formal warning, and whether whoever issued it could: a matter on the stream of who was warned.

edition    the part of an edition that it goes by
facts      what is put on record of it
decisions  what is on record of it, and what may follow
answers    who could issue one on a day, and whether this one was issued by somebody who could
kind       the declaration
"""
