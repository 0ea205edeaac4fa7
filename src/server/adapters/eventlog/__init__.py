"""The event log: what happened, and in which order.

A log is a fixed number of partitions; a partition is a sequence of records numbered 1, 2, 3 … without a gap. Records
are opaque bytes here. Nothing is lost in silence: a log that is full refuses, and a reader whose next record was
trimmed, or whose log is no longer the one it knew, is told so instead of being given whatever comes next.
"""
