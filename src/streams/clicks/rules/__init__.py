"""Which clicks are invalid, and why. Pure: clicks, the rules in force and what was counted in, hits and verdicts out.

`click.py` is what a click looks like to a rule, `book.py` which rules are in force and how strict they are. A rule that
needs the click alone is in `alone.py`; one that needs what came before is in `counting.py`, over the counts that
`streams.clicks.state` keeps. `judging.py` makes a decision of all hits.

Rules count arrivals and never verdicts, so that the order in which partitions are decided changes nothing, and a rule
in shadow changes nothing for the others.
"""
