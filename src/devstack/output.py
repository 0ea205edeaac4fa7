"""What the running processes say: each line to a log file, and those of Callsheet's own processes to the terminal."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

NAME_WIDTH = 8
LONGEST_LINE = 1024 * 1024
_COLOURS = {"server": 36, "worker": 35, "stream": 33, "gateway": 32}
_OTHER_COLOUR = 90


class Output:
    """One terminal for many processes, silent until opened. Without a terminal there are no colours, only names."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._open = False
        self._coloured = stream.isatty()

    def open(self) -> None:
        """From now on lines are shown: nothing else writes to the terminal any more."""
        self._open = True

    def line(self, name: str, text: str) -> None:
        if not self._open:
            return
        label = f"{name:<{NAME_WIDTH}} |"
        if self._coloured:
            label = f"\x1b[{_COLOURS.get(name, _OTHER_COLOUR)}m{label}\x1b[0m"
        # A reader that went away, as in `make up | head`, or a closed terminal is no reason to end in disorder.
        with suppress(OSError):
            self._stream.write(f"{label} {text}\n")
            self._stream.flush()


async def pump(words: int, log: Path, name: str, output: Output | None) -> None:
    """Carry everything that comes out of a pipe to a log, and to the terminal where one is given; close it at its end.

    The pipe is not the subprocess module's own: that one counts a process as running while a grandchild holds its pipe.
    """
    source = asyncio.StreamReader(limit=LONGEST_LINE)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(source), os.fdopen(words, "rb"))
    try:
        with log.open("a", encoding="utf-8") as kept:
            while line := await _next_line(source):
                text = line.decode("utf-8", errors="replace").rstrip("\r\n")
                kept.write(f"{text}\n")
                kept.flush()
                if output is not None:
                    output.line(name, text)
    finally:
        transport.close()


async def _next_line(source: asyncio.StreamReader) -> bytes:
    try:
        return await source.readline()
    except ValueError:
        return b"(a line longer than a megabyte was left out)\n"
