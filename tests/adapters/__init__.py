"""Adapters, each against the real thing behind it."""
