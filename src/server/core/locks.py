"""The order in which a transaction takes its locks, written once.

Two transactions that take the same locks in one order wait for each other; in two orders they deadlock. Each entry
names what is locked and how a statement that locks it looks; the tests watch every statement of a server and fail on
a breach.
"""

from collections.abc import Mapping
from types import MappingProxyType

LOCK_ORDER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "idempotency key": (r"insert into core\.idempotency_key",),
        "person": (r"pg_advisory_xact_lock\(hashtextextended\('person:",),
        "search city": (r"pg_advisory_xact_lock\(hashtextextended\('search city:",),
        "invite": (r"from booking\.invite\b[^;]*for (no key )?update", r"update booking\.invite\b"),
        "provider": (r"pg_advisory_xact_lock\(hashtextextended\('provider:",),
        "order": (r"from booking\.order\b[^;]*for (no key )?update", r"update booking\.order\b"),
        "refund balance": (r"from booking\.refund_balance\b[^;]*for update", r"update booking\.refund_balance\b"),
        "case": (r"from support_case\b[^;]*for (no key )?update", r"update support_case\b"),
        "hold": (r"from payout_hold\b[^;]*for (no key )?update", r"update payout_hold\b"),
        "credit account": (r"from credit_account\b[^;]*for update", r"update credit_account\b"),
        "advertiser": (r"from promo_advertiser\b[^;]*for share", r"update promo_advertiser\b"),
        "campaign": (r"from promo_campaign\b[^;]*for (no key )?update", r"update promo_campaign\b"),
        "campaign heads": (
            r"from promo_(funding|spend)_head\b[^;]*for (no key )?update",
            r"update promo_(funding|spend)_head\b",
        ),
        "job": (r"insert into core\.job\b", r"update core\.job\b"),
    }
)
