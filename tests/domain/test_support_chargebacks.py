"""Disputes at the card's bank: when they take an answer, what is said, and that it is said as it was read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.booking.ports import Dossier, Happened, Said
from server.support.chargebacks.domain import Dispute, drafted, given_up, submitted
from server.support.chargebacks.pack import FIELDS, LONGEST_FIELD, FileOnRecord, pack
from server.support.errors import ChargebackAnswered, DraftOutdated

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
WORDS = (
    "needs_response",
    "warning_needs_response",
    "under_review",
    "warning_under_review",
    "won",
    "lost",
    "unheard_of",
)
DISPUTE = Dispute(
    processor_dispute_id="dp_1",
    case_id="sca_1",
    leg_id="ord_1",
    charge_id="ch_1",
    amount_cents=40_142,
    currency="usd",
    reason="fraudulent",
    status="needs_response",
    charge_refundable=False,
    withdrawn_cents=40_142,
    reinstated_cents=0,
    due_by=NOW + timedelta(days=7),
    draft={"product_description": "A booking."},
)
DOSSIER = Dossier(
    order_id="ord_1",
    lines=("1 × Portraits at 250.00",),
    total_cents=40_142,
    currency="usd",
    start_ts=datetime(2026, 2, 28, 23, 30, tzinfo=UTC),
    end_ts=datetime(2026, 3, 1, 2, tzinfo=UTC),
    time_zone="Europe/Berlin",
    license_tier="commercial",
    cancellation_policy="standard",
    full_refund_until=datetime(2026, 2, 21, 23, 30, tzinfo=UTC),
    half_refund_until=datetime(2026, 2, 27, 23, 30, tzinfo=UTC),
    confirmed_at=datetime(2026, 2, 1, 12, tzinfo=UTC),
    checked_in_at=datetime(2026, 2, 28, 23, 25, tzinfo=UTC),
    delivered_at=None,
    completed_at=None,
    steps=(Happened(NOW, "check_in", "provider", "in_progress"),),
    said=(Said(NOW, "buyer", "See you there."),),
)


@pytest.mark.parametrize(("status", "answered"), list(product(WORDS, (False, True))))
def test_an_answer_is_taken_once_and_only_while_one_is_awaited(status: str, answered: bool) -> None:
    dispute = replace(DISPUTE, status=status, submitted_at=NOW if answered else None)
    if status in ("needs_response", "warning_needs_response") and not answered:
        assert submitted(dispute, dispute.draft_hash, "usr_agent", now=NOW).submitted_by == "usr_agent"
        assert drafted(dispute, {"service_date": "2026-03-01"}).draft == {"service_date": "2026-03-01"}
    else:
        with pytest.raises(ChargebackAnswered):
            submitted(dispute, dispute.draft_hash, "usr_agent", now=NOW)
        with pytest.raises(ChargebackAnswered):
            drafted(dispute, {})


def test_a_chargeback_is_given_up_and_an_inquiry_is_not() -> None:
    assert given_up(DISPUTE, now=NOW).accepted_at == NOW
    with pytest.raises(ChargebackAnswered):
        given_up(replace(DISPUTE, status="warning_needs_response"), now=NOW)
    with pytest.raises(ChargebackAnswered):
        given_up(replace(DISPUTE, accepted_at=NOW), now=NOW)


def test_only_the_draft_that_was_read_is_submitted() -> None:
    read = DISPUTE.draft_hash
    changed = drafted(DISPUTE, {"product_description": "Another booking."})
    with pytest.raises(DraftOutdated) as refused:
        submitted(changed, read, "usr_agent", now=NOW)
    assert refused.value.metadata["draft_hash"] == changed.draft_hash
    with pytest.raises(DraftOutdated):
        submitted(replace(DISPUTE, draft={}), "", "usr_agent", now=NOW)


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), st.text(min_size=1, max_size=20), min_size=1))
def test_a_draft_is_named_by_what_it_says_in_any_order(draft: dict[str, str]) -> None:
    reordered = dict(reversed(draft.items()))
    assert replace(DISPUTE, draft=draft).draft_hash == replace(DISPUTE, draft=reordered).draft_hash
    longer = {**draft, "uncategorized_text": draft.get("uncategorized_text", "") + "."}
    assert replace(DISPUTE, draft=longer).draft_hash != replace(DISPUTE, draft=draft).draft_hash


def test_the_pack_says_what_is_on_record_in_the_orders_zone() -> None:
    files = [FileOnRecord("evo_1", "image/png", bytes(32), NOW)]
    evidence = pack(DOSSIER, files, {})
    assert evidence.keys() <= FIELDS
    assert evidence["service_date"] == "2026-03-01"
    assert "1 × Portraits at 250.00" in evidence["product_description"]
    assert "Licence: commercial." in evidence["product_description"]
    assert "2026-03-01 00:30" in evidence["product_description"]
    assert "standard cancellation policy" in evidence["cancellation_policy_disclosure"]
    assert "check_in by provider: in_progress" in evidence["access_activity_log"]
    assert "provider checked in: 2026-02-28T23:25:00+00:00" in evidence["uncategorized_text"]
    assert "buyer: See you there." in evidence["uncategorized_text"]
    assert f"evo_1 image/png sha256:{bytes(32).hex()}" in evidence["uncategorized_text"]


def test_a_persons_words_replace_what_was_gathered_and_long_records_lose_their_beginning() -> None:
    said = tuple(Said(NOW + timedelta(seconds=n), "buyer", f"message {n} " + "x" * 500) for n in range(200))
    evidence = pack(replace(DOSSIER, said=said), [], {"service_date": "as agreed"})
    assert evidence["service_date"] == "as agreed"
    assert len(evidence["uncategorized_text"]) == LONGEST_FIELD
    assert "message 199 " in evidence["uncategorized_text"]
    assert "message 0 " not in evidence["uncategorized_text"]
