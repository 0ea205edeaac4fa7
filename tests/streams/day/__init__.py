"""A labelled day of clicks: who clicked, and whether we would defend charging for it.

A label comes from what somebody was doing, never from a rule: a farm's click is invalid however human it looks, and an
office worker's is valid however many colleagues share the address. By definition invalid are the second click of a
double click and a viewer's second look at one listing within half an hour.

`served.py` is the market that shows listings, `people.py` and `fraud.py` are the families, `playing.py` plays a day,
and `scoring.py` counts. No limit was chosen by what the families in `HELD_OUT` do.
"""
