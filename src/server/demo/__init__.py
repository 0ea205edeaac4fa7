"""Stories that are played against a running stack, so that one sees what the services do."""
