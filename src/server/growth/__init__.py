"""What brings people back: saved searches, the feed, referrals and credit, each in a package of its own.

Owns the tables of the growth document and those beside them, in schema `public`. Invariants: nobody is told an item
twice on a day; a page of a feed never repeats, skips or shrinks; what somebody may spend is the fold of their ledger
and the sum of what is left of their grants; an inviter gets at most their cap of awards in a month of theirs.
"""
