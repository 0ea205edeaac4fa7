"""Everything that shows Callsheet does what it says."""
