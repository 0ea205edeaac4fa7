"""What the database itself promises, tried on a migrated one: its catalogue, its guards, its grants, its invariants."""
