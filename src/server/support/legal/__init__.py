"""Copyright notices: what must be hidden, until when it may be answered, and when it must be shown again."""
