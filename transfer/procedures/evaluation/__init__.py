"""The evaluation of one job: its descriptions, panels, outcome, appeals, and what people are owed.

edition    the part of an edition that it goes by
facts      what is put on record of it
job        what is on record of it, of the job and of each person
decisions  what may follow for the job
people     what may follow for one person
owing      the band due and the band paid, and what lies between them
answers    what it can be asked of the job
asking     what it can be asked of one person
kind       the declaration
"""
