"""What every rulebook edition is made of, whatever kind of procedure it is for.

values  what a clause can carry, and how it is written and read
parts   a clause; a length of time that a clause gives
rules   an edition as the decisions of a kind ask it
"""
