"""The kinds of the referrals' jobs, apart from their handlers."""

from server.core.jobs import JobKind

DECIDE = JobKind("growth.decide_referral", "judges a referral when its order can no longer be refunded or disputed")
