"""Booking's RPCs, by topic: parse, call, render."""
