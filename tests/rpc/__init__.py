"""RPCs over a socket, through every layer, on a real database."""
