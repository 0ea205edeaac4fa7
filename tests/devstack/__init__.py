"""The embedded services and the supervisor, tried as a developer meets them."""
