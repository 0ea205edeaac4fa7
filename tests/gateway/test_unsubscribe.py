"""The form post of RFC 8058: a mail program posts to the address in the mail, and nothing else is known of it."""

import re

import aiohttp
import pytest

from tests.gateway.fake import Seen

pytestmark = pytest.mark.usefixtures("fake_server")

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def test_one_click_unsubscribes(http: aiohttp.ClientSession, seen: Seen) -> None:
    async with http.post("/v1/unsubscribe?token=abc.def", data=ONE_CLICK) as answer:
        assert (answer.status, await answer.json()) == (200, {"topic": "saved_search_alert"})
    assert seen.tokens == ["abc.def"]


async def test_the_other_encoding_of_forms_is_as_good(http: aiohttp.ClientSession, seen: Seen) -> None:
    form = aiohttp.FormData(ONE_CLICK, default_to_multipart=True)
    async with http.post("/v1/unsubscribe?token=abc.def", data=form) as answer:
        assert answer.status == 200
    assert seen.tokens == ["abc.def"]


async def test_a_page_of_ours_may_send_json(http: aiohttp.ClientSession, seen: Seen) -> None:
    async with http.post("/v1/unsubscribe", json={"token": "abc.def"}) as answer:
        assert answer.status == 200
    assert seen.tokens == ["abc.def"]


@pytest.mark.parametrize(
    ("path", "form", "message"),
    [
        ("/v1/unsubscribe?token=abc.def", {"List-Unsubscribe": "Maybe"}, "List-Unsubscribe: must be One-Click"),
        ("/v1/unsubscribe", ONE_CLICK, "token: must be in the address"),
    ],
)
async def test_anything_else_is_no_click(
    http: aiohttp.ClientSession, seen: Seen, path: str, form: dict[str, str], message: str
) -> None:
    async with http.post(path, data=form) as answer:
        assert (answer.status, (await answer.json())["message"]) == (400, message)
    assert seen.tokens == []


async def test_looking_at_the_address_asks_and_unsubscribes_nobody(http: aiohttp.ClientSession, seen: Seen) -> None:
    """Mail scanners open every link, so opening it must not be what ends the mails."""
    async with http.get("/v1/unsubscribe?token=abc.def") as answer:
        page = await answer.text()
    assert (answer.status, answer.content_type, answer.headers["Referrer-Policy"]) == (200, "text/html", "no-referrer")
    assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
    assert '<form method="post">' in page
    assert "abc.def" not in page
    assert seen.tokens == []


async def test_the_button_of_that_page_is_answered_with_a_page(http: aiohttp.ClientSession, seen: Seen) -> None:
    async with http.get("/v1/unsubscribe?token=abc.def") as asked:
        ((name, value),) = re.findall(r'name="([\w-]+)" value="([\w-]+)"', await asked.text())
    browser = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
    async with http.post(asked.url.path_qs, data={name: value}, headers=browser) as answer:
        page = await answer.text()
    assert (answer.status, answer.content_type) == (200, "text/html")
    assert "You will get no more mails of this kind." in page
    assert seen.tokens == ["abc.def"]
