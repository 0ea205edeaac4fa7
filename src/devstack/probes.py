"""Questions that tell whether a program is ready."""

import aiohttp

from devstack.program import NotReady, Probe

_TIMEOUT = aiohttp.ClientTimeout(total=2)


def http_answers(url: str) -> Probe:
    """Passes when a URL answers 200."""

    async def probe() -> None:
        try:
            async with aiohttp.ClientSession(timeout=_TIMEOUT) as session, session.get(url) as response:
                if response.status != 200:
                    raise NotReady(f"{url} answered {response.status}: {(await response.text())[:200]}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotReady(f"{url} did not answer: {error}") from error

    return probe
