"""What advertisers and campaigns are. Pure, and shared with the click stream."""
