"""The budgets, on one server and on a cluster."""
