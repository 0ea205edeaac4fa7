"""The payment processor: what Callsheet asks of it, in its own words, and Stripe behind that.

`port` is the Protocol that the rest of the server knows; `requests`, `objects` and `failures` are its vocabulary, in
integer cents, UTC instants and frozen dataclasses. `client` implements it with Stripe's SDK, which nothing outside of
this package imports; `documents` reads what Stripe answers, tolerant of what it does not know yet; `webhooks` checks
signatures and reads events.
"""
