"""Who providers are and when they have time.

Owns booking.provider_profile. Invariants: a calendar's link is stored as a hash only; what is told of a calendar to
others never says whose booking it is.
"""
