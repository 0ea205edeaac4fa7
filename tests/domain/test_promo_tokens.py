"""Impression tokens: what was signed comes back, and nothing else does."""

import ast
import base64
import hmac
import inspect
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.clock import ManualClock
from server.core.ids import SystemIds
from server.promo import tokens
from server.promo.domain.campaign import Surface
from server.promo.hashes import HASH_LENGTH, ViewerHashes
from server.promo.tokens import (
    CLOCKS_APART_MS,
    LIFETIME_MS,
    LONGEST_TOKEN,
    Checked,
    ImpressionToken,
    TokenKeys,
    TokenSigner,
    TokenState,
    TokenVerifier,
)

NOW_MS = 1_772_366_400_000
IDS = SystemIds(ManualClock(datetime(2026, 3, 1, 12, tzinfo=UTC)))
OLD, NEW, STRANGE = b"o" * 32, b"n" * 32, b"s" * 32
HASHES = ViewerHashes(b"pepper")
TOKEN = ImpressionToken(
    issued_at_ms=NOW_MS,
    price_cents=150,
    slot=3,
    served_today=7,
    surface=Surface.PEOPLE_SEARCH,
    campaign_id=IDS.new("pcmp"),
    impression_id=IDS.new("pimp"),
    viewer_hash=HASHES.viewer("usr_a", ""),
    listing_id="srv_a",
    role="photographer",
    city="münchen",
    query_hash="q1",
)
TEXT = TokenSigner(TokenKeys({2: NEW, 1: OLD})).sign(TOKEN)
VERIFIER = TokenVerifier(TokenKeys({2: NEW, 1: OLD}))


def verified(text: str, *, after_ms: int = 1000, token: ImpressionToken = TOKEN) -> Checked:
    return VERIFIER.verify(
        text,
        campaign_id=token.campaign_id,
        impression_id=token.impression_id,
        received_at_ms=NOW_MS + after_ms,
    )


def flipped(text: str, place: int) -> str:
    """The token with one bit of one byte turned."""
    raw = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    raw[place] ^= 1
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_what_was_signed_comes_back() -> None:
    assert verified(TEXT) == (TokenState.VALID, TOKEN)
    assert len(TEXT) < 256


@given(
    issued_at_ms=st.integers(0, 2**48),
    price_cents=st.integers(1, 2**31 - 1),
    slot=st.integers(0, 2**16 - 1),
    served_today=st.integers(0, 2**16 - 1),
    surface=st.sampled_from(Surface),
    texts=st.tuples(*[st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=50)] * 4),
)
def test_every_token_survives_its_text(
    issued_at_ms: int, price_cents: int, slot: int, served_today: int, surface: Surface, texts: tuple[str, ...]
) -> None:
    listing_id, role, city, query_hash = texts
    token = ImpressionToken(
        issued_at_ms,
        price_cents,
        slot,
        served_today,
        surface,
        TOKEN.campaign_id,
        TOKEN.impression_id,
        "",
        listing_id,
        role,
        city,
        query_hash,
    )
    assert VERIFIER.read(TokenSigner(TokenKeys({1: OLD})).sign(token)) == (TokenState.VALID, token)


def test_no_bit_of_a_token_can_be_changed() -> None:
    size = len(base64.urlsafe_b64decode(TEXT + "=" * (-len(TEXT) % 4)))
    found = [verified(flipped(TEXT, place)) for place in range(size)]
    assert {checked.token for checked in found} == {None}
    assert [checked.state for checked in found[:2]] == [TokenState.MALFORMED, TokenState.UNKNOWN_KEY]
    assert {checked.state for checked in found[2:]} == {TokenState.FORGED}


def test_a_truncated_token_is_none() -> None:
    for length in range(1, len(TEXT)):
        state, token = verified(TEXT[:length])
        assert state in (TokenState.MALFORMED, TokenState.FORGED)
        assert token is None


@pytest.mark.parametrize("text", ["!", TEXT + "!", f" {TEXT}", TEXT + "é", "a" * (LONGEST_TOKEN + 1), TEXT + "=", "+/"])
def test_what_is_no_base64url_is_malformed(text: str) -> None:
    assert verified(text) == (TokenState.MALFORMED, None)


def test_no_token_is_told_apart_from_a_bad_one() -> None:
    assert verified("") == (TokenState.MISSING, None)


def test_a_token_of_another_key_is_forged_though_its_number_is_known() -> None:
    assert verified(TokenSigner(TokenKeys({2: STRANGE})).sign(TOKEN)) == (TokenState.FORGED, None)


def test_a_key_that_nobody_has_any_more_is_unknown() -> None:
    assert verified(TokenSigner(TokenKeys({3: NEW})).sign(TOKEN)) == (TokenState.UNKNOWN_KEY, None)


def test_keys_rotate_while_tokens_of_the_old_one_are_out() -> None:
    before = TokenSigner(TokenKeys({1: OLD})).sign(TOKEN)
    after = TokenSigner(TokenKeys({2: NEW, 1: OLD})).sign(TOKEN)
    assert before != after
    assert {verified(before).state, verified(after).state} == {TokenState.VALID}


def test_a_token_is_good_for_its_campaign_and_impression_alone() -> None:
    assert verified(TEXT, token=TOKEN._replace(campaign_id=IDS.new("pcmp"))) == (TokenState.FOREIGN, TOKEN)
    assert verified(TEXT, token=TOKEN._replace(impression_id=IDS.new("pimp"))) == (TokenState.FOREIGN, TOKEN)


@pytest.mark.parametrize(
    ("after_ms", "state"),
    [
        (-CLOCKS_APART_MS - 1, TokenState.EXPIRED),
        (-CLOCKS_APART_MS, TokenState.VALID),
        (0, TokenState.VALID),
        (LIFETIME_MS, TokenState.VALID),
        (LIFETIME_MS + 1, TokenState.EXPIRED),
    ],
)
def test_a_token_lives_two_hours(after_ms: int, state: TokenState) -> None:
    assert verified(TEXT, after_ms=after_ms) == (state, TOKEN)


@given(st.text(max_size=300))
def test_no_text_makes_the_verifier_fail(text: str) -> None:
    assert verified(text).token is None


@given(st.binary(max_size=300))
def test_no_bytes_make_the_verifier_fail(raw: bytes) -> None:
    assert verified(base64.urlsafe_b64encode(raw).rstrip(b"=").decode()).token is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"price_cents": 0},
        {"price_cents": 2**31},
        {"city": "a\nb"},
        {"listing_id": "s" * 201},
        {"campaign_id": "pcmp_a"},
        {"impression_id": IDS.new("pcmp")},
    ],
)
def test_what_a_token_cannot_hold_is_not_signed(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a token"):
        TokenSigner(TokenKeys({1: OLD})).sign(TOKEN._replace(**wrong))  # type: ignore[arg-type]  # whatever it takes


def test_large_counts_are_capped() -> None:
    text = TokenSigner(TokenKeys({1: OLD})).sign(TOKEN._replace(served_today=1_000_000, slot=70_000))
    token = VERIFIER.read(text).token
    assert token is not None
    assert (token.served_today, token.slot) == (65535, 65535)


def test_macs_are_compared_in_constant_time_and_by_nothing_else() -> None:
    """Whoever compares a MAC with == tells a forger how many of its bytes are right. There is one comparison."""
    tree = ast.parse(inspect.getsource(tokens))
    macs = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mac.of")]
    compared = [
        argument
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "hmac.compare_digest"
        for argument in node.args
    ]
    signed = [ast.unparse(node) for node in macs if node not in compared]
    assert len(compared) == 2
    assert signed == ["self._mac.of(body)"]
    in_equations = [
        ast.unparse(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for part in (node.left, *node.comparators)
    ]
    assert not [part for part in in_equations if "mac.of(" in part or "_MAC_BYTES:" in part]


@given(key=st.binary(min_size=32, max_size=200), body=st.binary(max_size=300))
def test_a_mac_is_hmac_sha256(key: bytes, body: bytes) -> None:
    """Keys longer than a block too: what the standard library makes of them is what was signed so far."""
    assert tokens._Mac(key).of(body) == hmac.digest(key, body, "sha256")[:16]  # the seed of every token's MAC


def test_keys_are_read_from_one_line() -> None:
    keys = TokenKeys.parse(f"2:{base64.b64encode(NEW).decode()}, 1:{base64.urlsafe_b64encode(OLD).decode()}")
    assert (keys.signing_id, dict(keys.by_id)) == (2, {2: NEW, 1: OLD})


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "at least one key"),
        ("secret", "its number, a colon"),
        ("1:!", "key 1 is not base64"),
        ("1:YWJj", "at least 32 bytes"),
        (f"0:{base64.b64encode(OLD).decode()}", "1 to 255"),
        (f"1:{base64.b64encode(OLD).decode()},1:{base64.b64encode(NEW).decode()}", "twice"),
    ],
)
def test_keys_that_are_none_are_refused_by_their_rule(text: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        TokenKeys.parse(text)


def test_hashes_of_different_kinds_never_meet() -> None:
    address = ip_address("192.0.2.1")
    found = {
        HASHES.viewer("a", ""),
        HASHES.device("a"),
        HASHES.agent("a"),
        HASHES.address(address),
        HASHES.network(address),
        ViewerHashes(b"other").device("a"),
    }
    assert len(found) == 6
    assert {len(found) for found in found} == {HASH_LENGTH}


def test_hashes_that_are_stored_stay_what_they_are() -> None:
    """Another hash of the same device would be another viewer to every rule, cap and erasure."""
    assert HASHES.viewer("usr_a", "") == "U2CTqHjkY2jubJpe"
    assert HASHES.device("device-1") == "0ewEuXzbTXnouQVp"
    assert HASHES.agent("x") == "m_0IQcnC5k3PXO_j"


def test_a_viewer_is_a_person_or_else_a_device() -> None:
    assert HASHES.viewer("usr_a", "d") == HASHES.viewer("usr_a", "e")
    assert HASHES.viewer("", "d") == HASHES.device("d")
    assert HASHES.viewer("", "") == HASHES.device("") == ""


def test_a_network_is_a_slash_24_or_64() -> None:
    assert HASHES.network(ip_address("192.0.2.1")) == HASHES.network(ip_address("192.0.2.254"))
    assert HASHES.network(ip_address("192.0.2.1")) != HASHES.network(ip_address("192.0.3.1"))
    assert HASHES.network(ip_address("2001:db8::1")) == HASHES.network(ip_address("2001:db8::ffff:0:1"))
    assert HASHES.network(ip_address("2001:db8::1")) != HASHES.network(ip_address("2001:db8:0:1::1"))
    assert HASHES.network(ip_address("::c000:201")) != HASHES.network(ip_address("192.0.2.1"))
