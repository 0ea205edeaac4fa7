"""Searches that people save, the documents they look in, and the nightly alerts.

Owns saved_search, saved_search_alert, saved_search_alert_item, search_document, notification and mail_suppression.
Invariants: a stored query is in normal form; a search is run once for each day of its zone; an item is told to a person
once a day; a mail is handed over at most once.
"""
