"""The payment processor: the adapter over the real SDK, the sandbox behind it, and the slice that stores calls."""
