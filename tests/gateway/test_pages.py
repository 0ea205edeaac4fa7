"""The pages of the gateway itself: health, documentation, the API's description."""

import re

import aiohttp
import pytest

from devstack.codegen.layout import DOCS


@pytest.mark.usefixtures("fake_server")
async def test_health_is_that_of_the_gateway_and_of_the_server(http: aiohttp.ClientSession) -> None:
    async with http.get("/healthz") as answer:
        assert (answer.status, await answer.json()) == (
            200,
            {"status": "ready", "gateway": "serving", "server": "serving"},
        )


async def test_without_a_server_the_gateway_lives_and_is_not_ready(http: aiohttp.ClientSession) -> None:
    async with http.get("/healthz") as answer:
        assert (answer.status, (await answer.json())["server"]) == (503, "unreachable")
    async with http.get("/livez") as answer:
        assert answer.status == 200
    async with http.get("/v1/orders/ord_1") as answer:
        body = await answer.json()
    assert (answer.status, body["reason"]) == (503, "DEPENDENCY_DOWN")
    assert "127.0.0.1" not in body["message"]


async def test_the_documentation_page_is_served_whole_from_here(http: aiohttp.ClientSession) -> None:
    async with http.get("/docs") as answer:
        page = await answer.text()
    assert answer.url.path == "/docs/"
    assets = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert any(asset.endswith("swagger-ui-bundle.js") for asset in assets)
    for asset in assets:
        assert asset.startswith("/docs/")
        async with http.get(asset) as answer:
            assert answer.status == 200, asset


async def test_the_published_description_is_the_one_in_the_binary(http: aiohttp.ClientSession) -> None:
    async with http.get("/openapi.json") as answer:
        served = await answer.text()
    assert served == (DOCS / "openapi" / "callsheet.json").read_text(encoding="utf-8"), "run `make docs`"


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json", "/docs/"])
async def test_the_pages_are_for_reading(http: aiohttp.ClientSession, path: str) -> None:
    async with http.post(path) as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "GET")
