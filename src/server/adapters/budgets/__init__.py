"""What campaigns have spent, as it is seen while they spend: a view of the ledger that may vanish at any moment.

`port.py` is what the stream, serving and the verifier see of it, `valkey.py` and its scripts keep it on a server or a
cluster that speaks the Redis protocol. The budgets hold what is spent, never limits: these come with each claim.
"""
