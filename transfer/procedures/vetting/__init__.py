"""The vetting of one person for work on cases in ViSOR: a matter on their own stream.

edition    the part of an edition that it goes by, and the versions of the policy
versions   which version of the policy holds on a day, as known on a day
facts      what is put on record of it
decisions  what is on record of it, and what may follow
answers    what it can be asked
kind       the declaration
"""
