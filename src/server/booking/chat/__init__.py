"""What the parties of a confirmed order write to each other. Messages are evidence: they are never edited."""
