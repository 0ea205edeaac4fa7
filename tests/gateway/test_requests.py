"""JSON in, JSON out, and what a client reads when something is wrong."""

from io import BytesIO

import aiohttp
import pytest

from tests.gateway.fake import Seen

pytestmark = pytest.mark.usefixtures("fake_server")


async def test_an_answer_uses_the_protos_names_and_leaves_nothing_out(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/orders/ord_1") as answer:
        order = (await answer.json())["order"]
    assert order["order_id"] == "ord_1"
    assert order["version"] == str(2**60), "64 bits do not fit a JavaScript number"
    assert (order["city"], order["price"], order["line_items"]) == ("", None, [])


async def test_a_body_becomes_the_message(http: aiohttp.ClientSession, seen: Seen) -> None:
    async with http.post("/v1/serviceProfiles", json={"title": "Studio 7", "hourly_cents": 12000}) as answer:
        assert (await answer.json())["service_profile"]["hourly_cents"] == "12000"
    assert seen.profiles[0].title == "Studio 7"


async def test_an_unknown_field_is_refused_by_its_name(http: aiohttp.ClientSession, seen: Seen) -> None:
    async with http.post("/v1/serviceProfiles", json={"title": "Studio 7", "rate": 3}) as answer:
        body = await answer.json()
    assert (answer.status, body["code"], body["status"], body["reason"]) == (
        400,
        3,
        "INVALID_ARGUMENT",
        "FIELD_INVALID",
    )
    assert body["message"] == "rate: is not a field of this message"
    assert body["details"][1]["field_violations"] == [
        {"field": "rate", "description": "is not a field of this message"}
    ]
    assert seen.profiles == []


async def test_every_field_at_fault_is_listed_with_its_path(http: aiohttp.ClientSession) -> None:
    terms = {"start_ts": "tomorrow", "tip_cents": "twelve", "colour": "red"}
    async with http.post("/v1/orders", json={"terms": terms}) as answer:
        violations = (await answer.json())["details"][1]["field_violations"]
    assert [each["field"] for each in violations] == ["terms.colour", "terms.start_ts", "terms.tip_cents"]


@pytest.mark.parametrize(
    ("body", "message"),
    [(b'{"title": ', "not valid JSON"), (b"{} {}", "not valid JSON"), (b'{"title": "\xff"}', "not UTF-8")],
)
async def test_what_is_no_json_is_malformed(http: aiohttp.ClientSession, body: bytes, message: str) -> None:
    async with http.post("/v1/serviceProfiles", data=body) as answer:
        failure = await answer.json()
    assert (answer.status, failure["reason"]) == (400, "MALFORMED_REQUEST")
    assert message in failure["message"]


async def test_a_mistyped_parameter_is_no_filter_that_matches_everything(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/orders?pagesize=3") as answer:
        assert (await answer.json())["message"] == "pagesize: is not a parameter of this request"


async def test_a_failure_that_may_be_retried_says_when(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/orders/busy") as answer:
        body = await answer.json()
    assert (answer.status, body["reason"], body["message"]) == (409, "IDEMPOTENCY_KEY_IN_USE", "said by the server")
    assert answer.headers["Retry-After"] == "2", "1.2 seconds, and coming back early is of no use"
    assert body["details"][1] == {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retry_delay": "1.200s"}


async def test_a_body_over_the_limit_is_refused_before_it_is_parsed(http: aiohttp.ClientSession) -> None:
    async with http.post("/v1/serviceProfiles", data=BytesIO(b"x" * (1024 * 1024 + 1))) as answer:
        body = await answer.json()
    assert (answer.status, body["status"], body["reason"]) == (413, "RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE")


async def test_a_path_that_leads_nowhere_and_a_method_that_no_rpc_has(http: aiohttp.ClientSession) -> None:
    async with http.get("/v2/orders") as answer:
        assert (answer.status, (await answer.json())["reason"]) == (404, "NOT_FOUND")
    async with http.delete("/v1/orders") as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")
        assert (await answer.json())["reason"] == "NOT_FOUND"


async def test_text_of_a_library_does_not_get_out(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/orders") as answer:
        body = await answer.json()
    assert (answer.status, body["message"]) == (501, "the server does not offer this")
