"""The history of advertisers, payments, withdrawals and claims: one row a change, written with the change."""
