"""The server as the processes it is in production: replaced when they die, drained when they are told to go."""
