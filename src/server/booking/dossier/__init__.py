"""What is on record about an order, for whoever has to prove it."""
