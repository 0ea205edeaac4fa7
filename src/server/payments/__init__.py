"""What the slices share of the payment processor: payers and their cards, stored calls, and the inbox of its events.

Owns schema `payments`. Invariants: a call is committed before it is made, under a key that stands for its parameters;
its effect happens once, whoever dies when; its outcome is committed once, together with the news to whoever waits for
it. An event is stored before it is answered, once by its id; it is handled by whoever owns the object that it is about,
in whatever order events come, and one that nobody can place is parked, never lost and never fatal.
"""
