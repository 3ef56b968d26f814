"""The appeal of one person against where an exercise sends them: a matter of its own.

facts      what is put on record of it
rules      what it asks of the edition, and of the exercise that it is against
decisions  what is on record of it, and what may follow
kind       the declaration
"""
