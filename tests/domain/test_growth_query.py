"""The query tree of saved searches: its normal form, its limits, and the path in every refusal."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import FieldInvalid
from server.growth.saved_searches.query import (
    MOST_NODES,
    Available,
    Group,
    Range,
    Texts,
    Verified,
    canonical,
    parse,
    query_hash,
    render,
)

CHEAP = {"price_cents": {"lte": 30_000}}
MODEL = {"roles": {"any_of": ["model"]}}
DANCER = {"roles": {"any_of": ["dancer"]}}


def deep(levels: int) -> object:
    """Groups of alternating kind, so that none of them is merged away."""
    tree: object = CHEAP
    for level in range(levels - 1):
        tree = {"all" if level % 2 else "any": [tree, MODEL]}
    return tree


WORDS = st.lists(st.sampled_from(["Model", "photographer", " dancer ", "stylist"]), min_size=1, max_size=4)
PRICES = st.integers(0, 50_000)
CONDITIONS = st.one_of(
    st.builds(
        lambda field, mode, words: {field: {mode: words}},
        st.sampled_from(["roles", "tags"]),
        st.sampled_from(["any_of", "all_of"]),
        WORDS,
    ),
    st.builds(lambda gte: {"price_cents": {"gte": gte}}, PRICES),
    st.builds(lambda lte: {"rating_hundredths": {"lte": lte}}, st.integers(0, 500)),
    st.just({"verified": True}),
    st.just({"available": {"from": "2026-12-01", "to": "2026-12-03"}}),
    st.just({"distance": {"latitude": 52.52, "longitude": 13.4050001, "km": 10.0}}),
)
TREES = st.recursive(
    CONDITIONS,
    lambda children: st.builds(
        lambda kind, parts: {kind: parts}, st.sampled_from(["all", "any"]), st.lists(children, min_size=1, max_size=3)
    ),
    max_leaves=8,
).filter(lambda tree: json.dumps(tree).count("{") < MOST_NODES)


def levels(tree: object) -> int:
    if isinstance(tree, dict) and next(iter(tree)) in ("all", "any"):
        return 1 + max(levels(part) for part in next(iter(tree.values())))
    return 1


@given(TREES.filter(lambda tree: levels(tree) <= 5))
def test_the_normal_form_is_its_own_normal_form(tree: object) -> None:
    normal = parse(tree)
    assert parse(render(normal)) == normal
    assert parse(json.loads(canonical(normal))) == normal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"all": [CHEAP, MODEL]}, {"all": [MODEL, CHEAP]}),
        ({"all": [CHEAP, {"all": [MODEL]}]}, {"all": [CHEAP, MODEL, CHEAP]}),
        ({"any": [CHEAP]}, CHEAP),
        ({"any": [MODEL, DANCER]}, {"roles": {"any_of": ["Dancer", "model", "MODEL"]}}),
        (MODEL, {"roles": {"all_of": [" Model "]}}),
        ({"all": [MODEL, DANCER]}, {"roles": {"all_of": ["dancer", "model"]}}),
        ({"all": [CHEAP, {"price_cents": {"gte": 5, "lte": 40_000}}]}, {"price_cents": {"gte": 5, "lte": 30_000}}),
        ({"price_cents": {"lte": 30_000.0}}, CHEAP),
    ],
)
def test_equal_searches_have_one_normal_form(one: object, other: object) -> None:
    assert canonical(parse(one)) == canonical(parse(other))
    assert query_hash(parse(one)) == query_hash(parse(other))


def test_a_tree_is_typed() -> None:
    assert parse({"all": [{"available": {"from": "2026-12-01", "to": "2026-12-03"}}, {"verified": True}]}) == Group(
        True, (Available(date(2026, 12, 1), date(2026, 12, 3)), Verified(True))
    )
    assert parse(CHEAP) == Range("price_cents", None, 30_000)
    assert parse({"tags": {"any_of": ["b", "a"]}}) == Texts("tags", False, ("a", "b"))


@pytest.mark.parametrize(
    ("tree", "path", "rule"),
    [
        ([], "query", "exactly one key"),
        ({}, "query", "exactly one key"),
        ({**CHEAP, **MODEL}, "query", "exactly one key"),
        ({"all": []}, "query.all", "at least one item"),
        ({"all": {}}, "query.all", "at least one item"),
        ({"all": [CHEAP, None]}, "query.all[1]", "exactly one key"),
        ({"height": {"gte": 170}}, "query.height", "is unknown"),
        ({"all": [MODEL, {"any": [{"colour": 1}]}]}, "query.all[1].any[0].colour", "is unknown"),
        ({"roles": {}}, "query.roles", "either any_of or all_of"),
        ({"roles": {"any_of": ["a"], "all_of": ["b"]}}, "query.roles", "either any_of or all_of"),
        ({"roles": {"none_of": ["a"]}}, "query.roles.none_of", "is unknown"),
        ({"roles": ["model"]}, "query.roles", "must be an object"),
        ({"roles": {"any_of": "model"}}, "query.roles.any_of", "must be a list"),
        ({"roles": {"any_of": ["a", 3]}}, "query.roles.any_of[1]", "must be a text"),
        ({"roles": {"any_of": [" "]}}, "query.roles.any_of[0]", "must be a text"),
        ({"tags": {"any_of": ["x" * 65]}}, "query.tags.any_of[0]", "must be a text"),
        ({"tags": {"any_of": [str(n) for n in range(51)]}}, "query.tags", "at most 50"),
        ({"price_cents": {}}, "query.price_cents", "gte, lte or both"),
        ({"price_cents": {"gt": 1}}, "query.price_cents.gt", "is unknown"),
        ({"price_cents": {"gte": 1.5}}, "query.price_cents.gte", "whole number"),
        ({"price_cents": {"gte": True}}, "query.price_cents.gte", "whole number"),
        ({"price_cents": {"gte": -1}}, "query.price_cents.gte", "whole number"),
        ({"price_cents": {"gte": float("nan")}}, "query.price_cents.gte", "whole number"),
        ({"price_cents": {"gte": float("inf")}}, "query.price_cents.gte", "whole number"),
        ({"rating_hundredths": {"lte": 501}}, "query.rating_hundredths.lte", "0 to 500"),
        ({"price_cents": {"gte": 9, "lte": 8}}, "query.price_cents", "gte must not be above lte"),
        ({"verified": "yes"}, "query.verified", "true or false"),
        ({"available": {"from": "2026-12-01"}}, "query.available", "each of from, to"),
        ({"available": {"from": "2026-12-01", "to": "2026-13-01"}}, "query.available.to", "must be a day"),
        ({"available": {"from": "20261201", "to": "2026-12-01"}}, "query.available.from", "must be a day"),
        ({"available": {"from": "2026-12-02", "to": "2026-12-01"}}, "query.available", "run forward"),
        ({"available": {"from": "2026-12-01", "to": "2027-12-01"}}, "query.available", "at most 60 days"),
        ({"distance": {"latitude": 52, "longitude": 13}}, "query.distance", "each of latitude"),
        ({"distance": {"latitude": 91, "longitude": 13, "km": 5}}, "query.distance.latitude", "-90 to 90"),
        ({"distance": {"latitude": 52, "longitude": "13", "km": 5}}, "query.distance.longitude", "-180 to 180"),
        ({"distance": {"latitude": 52, "longitude": 13, "km": 500}}, "query.distance.km", "0 to 200"),
    ],
)
def test_a_malformed_tree_is_refused_with_its_path(tree: object, path: str, rule: str) -> None:
    with pytest.raises(FieldInvalid) as refusal:
        parse(tree)
    (violation,) = refusal.value.violations
    assert violation.field == path
    assert rule in violation.rule


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ({"all": [{"price_cents": {"gte": 500}}, {"price_cents": {"lte": 400}}]}, "query"),
        ({"any": [MODEL, {"all": [{"verified": True}, {"verified": False}]}]}, "query.any[1]"),
        ({"all": [{"rating_hundredths": {"gte": 400}}, {"all": [{"rating_hundredths": {"lte": 300}}]}]}, "query"),
    ],
)
def test_a_group_that_contradicts_itself_is_refused(tree: object, path: str) -> None:
    with pytest.raises(FieldInvalid) as refusal:
        parse(tree)
    (violation,) = refusal.value.violations
    assert (violation.field, "contradicts itself" in violation.rule) == (path, True)


def test_depth_is_limited() -> None:
    assert isinstance(parse(deep(5)), Group)
    with pytest.raises(FieldInvalid, match="too deep"):
        parse(deep(6))


def test_size_is_limited() -> None:
    conditions = [{"price_cents": {"gte": number}} for number in range(MOST_NODES)]
    assert isinstance(parse({"any": conditions[1:]}), Group)
    with pytest.raises(FieldInvalid, match="at most 64"):
        parse({"any": conditions})


def test_merged_words_stay_within_their_limit() -> None:
    halves = [{"tags": {"any_of": [f"{half}{n}" for n in range(30)]}} for half in "ab"]
    with pytest.raises(FieldInvalid, match="at most 50 tags"):
        parse({"any": halves})
