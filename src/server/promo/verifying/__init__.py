"""The minute's proof: what is decided, charged, counted and claimed of each campaign's day is the same money.

Reads and changes nothing but claims that never reached the ledger, which it takes back by their ids. Everything else
that does not agree is said aloud: counters are never set right behind the back of their writer.
"""
