"""Policies: what the marketplace asks of campaigns in a place."""
