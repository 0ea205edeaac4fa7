"""The kind of the advertisers' job, apart from its handler."""

from server.core.jobs import JobKind

FOLLOW_ADVERTISER = JobKind(
    "promo.follow_advertiser", "suspends an advertiser's campaigns with them, and lifts what was suspended so"
)
