"""Campaigns: what is shown to whom, when, and for how much."""
