"""Looks whether what was written down about money is still what was written down, and whether everybody who counts it
counts alike. Nothing is changed here, but for `promo_ledger_checkpoint`: once a day, where every chain of an advertiser
stands.
"""
