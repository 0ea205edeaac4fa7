"""The click stream on a real log and a real database."""
