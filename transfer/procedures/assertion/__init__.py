"""A contested fact: what each side says of one matter, side by side, and how each stands.

facts      what is put on record of it
decisions  what is on record of it, and what may follow
kind       the declaration
"""
