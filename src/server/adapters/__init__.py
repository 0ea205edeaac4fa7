"""The outside world behind Protocols: each package owns one dependency, and nothing else imports its client."""
