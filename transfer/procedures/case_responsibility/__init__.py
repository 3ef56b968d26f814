"""Who is responsible for each case of a register, through every hand-over and transfer.

edition    the part of an edition that it goes by
facts      what is put on record of it
register   the cases, who held them when, and what that comes to beside the record of the managers
decisions  what may follow
answers    who is responsible on a day; the days without a manager, or with two
kind       the declaration
"""
