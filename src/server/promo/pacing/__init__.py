"""How fast campaigns spend: the one publisher that steps them each minute, and what it steps them by.

Owns `promo_day_plan` and `promo_pacing`, and lets go of what serving counted once nobody needs it. Invariant: each
campaign is stepped at most once a minute, and servers are told of every step.
"""
