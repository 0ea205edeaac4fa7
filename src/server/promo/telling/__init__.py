"""What happened to a campaign, told from its history and its ledger: `callsheet explain pcmp_…`."""
