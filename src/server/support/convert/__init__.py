"""Protobuf and domain, in both directions."""
