"""What holds for the whole of the source, whoever wrote which part of it."""
