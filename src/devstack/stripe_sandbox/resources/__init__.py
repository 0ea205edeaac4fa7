"""One module for each kind of object: its fields, what its calls accept, and what they do."""
