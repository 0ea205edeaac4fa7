"""What serving decides, as pure functions: who may be shown, in which order, where, and how a day is spread."""
