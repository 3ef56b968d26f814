"""The steps of a transfer, counted back from its day.

edition    the part of an edition that it goes by
facts      what is put on record of it
decisions  what is on record of it, and what may follow
answers    the plan, step by step, and what the authorities disagree about
kind       the declaration
"""
