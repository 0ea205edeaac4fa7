"""An event loop on a thread of its own, for work that must not hold up the dataflow's thread."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

T = TypeVar("T")


class Background:
    """Runs coroutines beside the thread that hands them in."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def submit(self, work: Coroutine[None, None, T]) -> Future[T]:
        """Starts the work and answers at once with its promise."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def complete(self, work: Coroutine[None, None, T]) -> T:
        """Runs the work and waits for its end."""
        return self.submit(work).result()

    @contextmanager
    def entered(self, resource: AbstractAsyncContextManager[T]) -> Iterator[T]:
        """Opens and closes a resource on the loop that will use it."""
        opened = self.complete(_enter(resource))
        try:
            yield opened
        finally:
            self.complete(_leave(resource))


async def _enter(resource: AbstractAsyncContextManager[T]) -> T:
    return await resource.__aenter__()


async def _leave(resource: AbstractAsyncContextManager[T]) -> None:
    await resource.__aexit__(None, None, None)


@contextmanager
def background() -> Iterator[Background]:
    """The loop, for as long as the block runs; what still runs on it then is cancelled."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="background", daemon=True)
    thread.start()
    try:
        yield Background(loop)
    finally:
        asyncio.run_coroutine_threadsafe(_cancel_everything(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _cancel_everything() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
