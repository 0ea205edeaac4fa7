"""The click stream: the log of clicks becomes decisions that can be defended.

Owns what it alone writes: `stream_partition`, `promo_control`, decisions, rollups and the spend chain of the ledger. A
partition of the log has one writer, and everything a batch leads to is committed together with the batch's offset.
"""
