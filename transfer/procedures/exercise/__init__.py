"""The exercise: people are proposed, written to, heard, confirmed and moved, whatever it moves.

The declaration is in `kind.py`: read it from top to bottom. `facts.py` and `exercise_facts.py` have
what is recorded of a person and of the whole, `participation.py` and `plan.py` what that comes to,
`decisions.py`, `moving.py` and `planning.py` the decisions, `rules.py` what they ask of an edition.
"""
