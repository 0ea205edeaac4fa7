"""Rules that need nothing but the click: its token, and what the server found out about who sent it."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from server.promo.domain.verdicts import Rule
from server.promo.tokens import TokenState
from streams.clicks.rules.book import Book, NoLimits, TokenLimits, TooFastLimits
from streams.clicks.rules.click import Click
from streams.clicks.rules.hits import Evidence, Hit, Hits

_DATA_CENTRE = "data_centre"


def alone(click: Click, book: Book) -> Hits:
    """Everything that the click says against itself."""
    return (*_token(click, book), *_facts(click, book), *_too_fast(click, book))


def _token(click: Click, book: Book) -> Iterator[Hit]:
    for version, limits in book.of(Rule.TOKEN, TokenLimits):
        if not click.signed:
            evidence: Evidence = {"token": click.token.value}
            if click.token_campaign_id:
                evidence = {**evidence, "issued_for": click.token_campaign_id}
            yield Hit(Rule.TOKEN, version, evidence)
        elif click.token is TokenState.EXPIRED or click.received_ms - click.issued_ms > limits.life_ms:
            evidence = {"token": TokenState.EXPIRED.value, "age_ms": click.received_ms - click.issued_ms}
            yield Hit(Rule.TOKEN, version, evidence)


def _too_fast(click: Click, book: Book) -> Iterator[Hit]:
    """A token from later than now was issued by a server whose clock is ahead: that says nothing of its viewer."""
    if not click.signed:
        return
    age_ms = click.received_ms - click.issued_ms
    for version, limits in book.of(Rule.TOO_FAST, TooFastLimits):
        if 0 <= age_ms < limits.unlikely_ms:
            yield Hit(Rule.TOO_FAST, version, {"age_ms": age_ms}, hint=age_ms >= limits.impossible_ms)


def _facts(click: Click, book: Book) -> Iterator[Hit]:
    for rule, find in _FACTS.items():
        evidence = find(click)
        if evidence is not None:
            for version, _ in book.of(rule, NoLimits):
                yield Hit(rule, version, evidence)


def _robot(click: Click) -> Evidence | None:
    return {"robot_list": click.robot_list} if click.robot else None


def _prefetch(click: Click) -> Evidence | None:
    return {} if click.prefetch else None


def _data_centre(click: Click) -> Evidence | None:
    return {"network_list": click.network_list} if click.network_class == _DATA_CENTRE else None


def _own(click: Click) -> Evidence | None:
    return {"known_by": click.advertiser_link} if click.advertiser_link else None


def _other_city(click: Click) -> Evidence | None:
    if not click.signed or click.city == click.served_city:
        return None
    return {"served_in": click.served_city, "clicked_in": click.city}


_FACTS: Mapping[Rule, Callable[[Click], Evidence | None]] = MappingProxyType(
    {
        Rule.KNOWN_BOT: _robot,
        Rule.PREFETCH: _prefetch,
        Rule.DATA_CENTRE: _data_centre,
        Rule.OWN_CLICK: _own,
        Rule.OTHER_CITY: _other_city,
    }
)
