"""A campaign while it runs: what it spends, how its day is paced, and each click as it is decided."""
