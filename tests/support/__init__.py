"""The real parts tests run against, and what decides whether a missing one skips a test or fails it."""
