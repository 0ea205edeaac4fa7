"""What is kept of a click is all that its rules asked about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.promo.tokens import TokenState
from streams.clicks.rules.click import Click, Place
from streams.clicks.rules.facts import FactsMissing, StoredEvent, click_of, facts_of
from tests.streams.clicks import CLICK

TEXT = st.text(max_size=12)
NUMBER = st.integers(0, 1 << 45)
CLICKS = st.builds(
    Click,
    **{
        name: {
            "place": st.builds(Place, NUMBER, NUMBER, NUMBER),
            "token": st.sampled_from(TokenState),
            "robot": st.booleans(),
            "prefetch": st.booleans(),
        }.get(name, NUMBER if isinstance(getattr(CLICK, name), int) else TEXT)
        for name in Click._fields
    },
)


@given(CLICKS)
def test_a_click_comes_back_as_its_rules_saw_it(click: Click) -> None:
    event = StoredEvent(
        click.place,
        click.event_id,
        click.campaign_id,
        click.impression_id,
        click.rule_ms,
        click.received_ms,
        click.city,
        click.address,
        click.agent,
    )
    assert click_of(event, facts_of(click)) == click


def test_a_click_without_facts_is_told_by_its_name() -> None:
    event = StoredEvent(CLICK.place, CLICK.event_id, "pcmp_1", "pimp_1", 0, 0, "BER", "", "")
    with pytest.raises(FactsMissing, match=CLICK.event_id):
        click_of(event, "{}")
