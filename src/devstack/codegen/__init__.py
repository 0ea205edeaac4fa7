"""Writes everything under `gen/`: Python for the protos, and a typed stub for each `queries.sql`.

Nothing under `gen/` is committed or edited. The output depends on the sources alone, a file is replaced only when its
content changes, and a file whose source is gone is removed, so `gen/` can be trusted without a clean.
"""
