"""What every slice needs and which knows no slice: database, jobs, outbox, errors, ids, clock, money, and the RPC
layers.
"""
