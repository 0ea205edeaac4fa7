"""Money of campaigns: the ledger, what brings money, and what advertisers are shown of it.

Invariants: an entry is never changed; each chain's head is the sum of its entries and their newest hash; whatever
brings money tells the stream the new totals in the same transaction.
"""
