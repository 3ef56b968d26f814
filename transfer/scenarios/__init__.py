"""Scenarios: what is given and what happens, in a file, and the answers that must come of it.

`file` says what a file may hold, `reading` reads one and names its faults. `doing` does its acts by
the program's own commands, `playing` plays it and compares. `alone` is an office without engines
beneath the commands, `with_engines` one on PostgreSQL and Temporal.
"""
