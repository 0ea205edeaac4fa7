"""The people of the marketplace, as far as the slices need to know them.

Owns schema `directory`. Invariants: an e-mail is stored encrypted beside a keyed hash and leaves through nobody but the
mailer; an erased person's pseudonym is random, stable, and never led back.
"""
