"""A payment processor on this machine: the part of Stripe's HTTP API that Callsheet uses, with Stripe's own rules.

The real `stripe` SDK talks to it unchanged. It keeps customers, cards, intents, charges, refunds, connected accounts,
transfers, disputes and fraud warnings in one SQLite file; every cent that moves is a row of an append-only list of
balance transactions, and every balance is the fold of that list. It answers a repeated idempotency key with the stored
response, signs its webhooks and delivers them until they are taken.

What no call of Stripe's can do is below `/_sandbox/`: complete a 3-D Secure challenge, let a refund fail, open a
dispute, hold webhooks back, repeat or reorder them, and lose the answer to a request before or after its effect.

Rooms: `routes` names every call, `resources/` has one module for each kind of object, `ledger` the money, `store` the
file, `pipeline` what happens around a call, `webhooks` and `faults` what goes out and what goes wrong, `control` the
switches.
"""
