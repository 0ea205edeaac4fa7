"""The event log: one contract for every backend."""
