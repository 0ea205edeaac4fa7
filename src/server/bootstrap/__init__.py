"""The one place where parts are put together. Everything below gets what it needs handed in.

`parts` says what there is, `core` builds what every slice is built from, and each slice has a module of its name here
that builds it.
"""
