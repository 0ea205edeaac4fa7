"""The processes killed at named points: what was promised happens all the same, and once."""
