"""Whom a member of staff lets act for them: a matter on the member's own stream.

facts      what is put on record of it
decisions  what is on record of it, and what may follow
kind       the declaration
"""
