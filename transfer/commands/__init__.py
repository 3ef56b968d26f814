"""Commands: load facts, fold, decide in the pure core, append. The one write path.

`office` is what they share; `record` keeps one staff member's record, `imports` takes a staff
return, `exercises` opens and steers an exercise, `people` records what staff and panels do in it,
and `procedures` takes the steps that fall due.
"""
