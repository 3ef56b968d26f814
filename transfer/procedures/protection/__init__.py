"""Pay protection of one person: a matter on their own stream.

edition    the part of an edition that it goes by
called     what another matter says of pay that is to be protected
lasting    how long it lasts, by both readings, and when notice of its end is due
facts      what is put on record of it
protected  what is on record of it
decisions  what may follow
paying     what it comes to month by month, due against paid
answers    what it can be asked
kind       the declaration
"""
