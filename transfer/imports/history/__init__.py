"""Histories from older systems: dated acts of many people, each with the day it was recorded there.

`columns` is the table of what a line may say; `lines` reads one line for itself; `deciding` turns
one person's lines into facts; `sample` makes a history up.
"""
