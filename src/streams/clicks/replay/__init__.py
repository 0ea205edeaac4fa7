"""Decides stored clicks again, from what the database keeps: events, decisions with their facts, and control records.

Neither the log nor the budgets are needed. The same clicks, rules, lists and controls lead to the same verdicts and, to
the last bit, to the same spend chains; other rules lead to a difference, which is what one wants to see before they are
switched on.

`stored.py` reads, `counted.py` brings clicks of all partitions into the one order in which rules count, `purse.py` is
the budgets' script without a server, `deciding.py` decides a partition in its order, `report.py` says what came of it.
"""
