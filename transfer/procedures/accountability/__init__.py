"""Who owned an organisation, who answered for it, and whether its staff changed employer.

edition    the part of an edition that it goes by
facts      what is put on record of it
decisions  what is on record of it, and what may follow
answers    the owner and the accountable officer on a day
kind       the declaration
"""
