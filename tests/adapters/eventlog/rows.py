"""A row of the click log, as tests begin with one."""

from server.adapters.eventlog.codec import Lists
from server.adapters.eventlog.columns import EventRow

ROW = EventRow(
    event_id="pevt_1",
    campaign_id="pcmp_1",
    impression_id="pimp_1",
    type="click",
    role="photographer",
    city="münchen",
    query_hash="q1",
    user_id=None,
    anon_fp_hash="f",
    device_hash="f",
    viewer_hash="v",
    ip_hash="i",
    network_hash="n",
    network_class="residential",
    ua_hash="u",
    robot=False,
    prefetch=True,
    advertiser_link=None,
    received_at=1_772_366_400_000_000,
    token_state="valid",
    token_campaign_id=None,
    token_issued_at=1_772_366_399_000_000,
    token_price_cents=150,
    token_surface="people_search",
    token_listing_id="srv_1",
    token_slot=3,
    token_city="münchen",
    token_viewer_hash="v",
    token_served_today=7,
    extra_json='{"x": 1}',
)
LISTS = Lists(networks="2026-02-01", robots="2026-01-01")
