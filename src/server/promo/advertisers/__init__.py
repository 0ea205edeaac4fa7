"""Advertisers: who pays for being seen. A person is one advertiser at most."""
