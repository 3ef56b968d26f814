"""Options put to people, and what each takes: a round of them under a scheme of an edition.

edition    the part of an edition that it goes by
facts      what is put on record of it
round      what is on record of a round, and of one person in it
telling    decisions on the round, and on what somebody is told
accepting  decisions on what somebody takes, and what follows from it
leave      leave and hours, where a scheme has them
paying     what is paid of a sum a month, and what follows where that is put right
answers    what it can be asked
kind       the declaration
"""
