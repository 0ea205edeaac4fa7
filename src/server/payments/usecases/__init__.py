"""What payments does: `calls` makes stored calls, `inbox` takes in events, `wallets` keeps payers and their cards."""
