"""Dataflows over the event log."""
