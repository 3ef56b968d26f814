"""The engine of procedures: what every kind of procedure shares, pure and tested alone.

words        who, what and how: the values that the other files speak in
reckoning    how a day is found once, in a decision, and what the fact keeps of it
book         what is due, to whom and when: folded from facts, asking no edition
facts        what a fact of a procedure carries, and the generic facts of timing
rows         what whoever keeps rows of the book has to know
kind         the declaration of a kind of procedure
completeness what a declaration lacks
folding      from facts to what is on record of one matter, and of one person in it
deciding     one act or one step, decided on that
replaying    what would be on record, had everything been known on its day
late         what differs from it: the duties to settle, and how they are settled
clock        the steps that fall due, taken
common       acts that most kinds have alike; what waits for the approval of somebody else

A *matter* is one run of a procedure: an exercise, an appeal. Nothing here knows a kind.
"""
