"""Support's RPCs, by topic: parse, call, render."""
