"""The rehearsal: a whole exercise on simulated time, through the real workflows and log.

`plan` dates it, `people` draws what staff and panels do, `play` steps time and acts, `report`
says what came of it. Everything drawn is drawn from a seed and nothing of it is evidence: each
answer from a rehearsed folder says that it was rehearsed.
"""
