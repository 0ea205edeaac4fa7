"""What an event's shape says is what protovalidate says, and what it cannot say fails at start."""

import protovalidate
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.promo.v1 import events_pb2 as pb
from server.promo.ingest.reading import SHAPE, TYPES
from server.promo.ingest.shape import Shape
from tests.rpc.events import event, placement

GOOD = event(placement(), user_id="usr_a-1", extra_json='{"a": 1}')
FIELDS = {field.name for field in pb.ViewerEvent.DESCRIPTOR.fields}
TEXTS = sorted(FIELDS - {"type", "prefetch", "ip_address"})
LIMITS = (0, 1, 63, 64, 65, 127, 128, 129, 256, 257, 1024, 1025, 1500, 1501, 2048, 2049)

texts = st.one_of(
    st.text(max_size=30),
    st.builds(lambda letter, length: letter * length, st.sampled_from(["a", "é", "😀"]), st.sampled_from(LIMITS)),
    st.builds(
        lambda text, end: text + end,
        st.sampled_from([GOOD.event_id, GOOD.campaign_id, GOOD.impression_id, GOOD.user_id, ""]),
        st.sampled_from(["", "\n", "\x00", "0", "z"]),
    ),
)


@given(st.dictionaries(st.sampled_from(TEXTS), texts, max_size=3))
def test_a_shape_fits_exactly_where_no_rule_is_broken_and_nothing_holds_nul(changes: dict[str, str]) -> None:
    one = pb.ViewerEvent()
    one.CopyFrom(GOOD)
    for name, text in changes.items():
        setattr(one, name, text)
    found = SHAPE.texts_of(one)
    assert sorted(found) == sorted(getattr(one, name) for name in TEXTS)
    is_right = not protovalidate.collect_violations(one) and "\x00" not in "".join(found)
    assert SHAPE.fits(found) is is_right


def test_types_are_those_that_the_proto_admits() -> None:
    for number in range(-1, 10):
        one = pb.ViewerEvent()
        one.CopyFrom(GOOD)
        one.type = number  # type: ignore[assignment]  # numbers that are no type above all
        assert (number in TYPES) is (not protovalidate.collect_violations(one))


@pytest.mark.parametrize("field", ["ip_address", "type", "prefetch"])
def test_a_rule_that_no_shape_expresses_fails_at_start(field: str) -> None:
    with pytest.raises(ValueError, match=f"{field}: .* cannot be told by its shape"):
        Shape(pb.ViewerEvent.DESCRIPTOR, [field])
