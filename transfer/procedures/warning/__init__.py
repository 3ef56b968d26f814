"""A formal warning, and whether its issuer could give it, on the stream of the person warned.

edition    the part of an edition that it goes by
facts      what is put on record of it
decisions  what is on record of it, and what may follow
answers    who could issue one on a day, and whether this one was issued by somebody who could
kind       the declaration
"""
