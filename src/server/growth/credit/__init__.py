"""Credit that people are given, and what they pay with it.

Owns credit_account, credit_ledger, credit_grant, credit_redemption and credit_debt. Invariants: an entry is never
changed; the entries of a person form a chain of hashes; what may be spent is their fold and the sum of what is left of
the grants, and never below nothing; a debt stands beside no balance.
"""
