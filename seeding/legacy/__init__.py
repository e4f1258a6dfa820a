"""Phase 1: the base data that the mode sizes ask for.

Base rows are keyed: the rows that exist are left as they are, the missing ones are made. A row is
defined by its key alone, whatever the sizes; the sizes only say how many there are. So light ⊂
medium ⊂ heavy, row for row.
"""
