"""How an order is called off, what that gives back to whom, and what it does to a provider's standing."""
