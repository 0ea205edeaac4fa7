"""Cases: their machine, their conversation, and who may see and do what."""
