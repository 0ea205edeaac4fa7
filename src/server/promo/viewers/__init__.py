"""Viewers, as far as they can be forgotten: events that name them are kept, and name a pseudonym.

Owns promo_viewer_erasure. Events are append-only; one function of the database, which records what it does, may change
who they name. Days that are past their keeping go whole.
"""
