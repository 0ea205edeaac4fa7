"""Lists that tell data centres and robots: dated files, which can be replaced without a release.

A list is a text file named for what it is and its date: `networks-2026-11-01.txt`, `robots-2026-11-01.txt`. Of several
the newest counts, wherever it lies: those that come with the program, and those in the operator's own folder. In a
list, what follows a `#` is a remark. A line of networks is a class and a CIDR; of overlapping ones the narrowest
counts. A line of robots is a piece of a user agent, whatever its case.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_network
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from server.promo.ingest.events import NetworkClass

NETWORKS, ROBOTS = "networks", "robots"
_NAME = re.compile(r"(networks|robots)-(\d{4}-\d\d-\d\d)\.txt")

Address: TypeAlias = IPv4Address | IPv6Address


class BadList(Exception):
    """A list that cannot be used; the message names the file, the line and the rule."""


@dataclass(frozen=True, slots=True)
class Networks:
    """Which networks are of which class."""

    date: str
    by_length: Mapping[int, tuple[tuple[int, Mapping[int, NetworkClass]], ...]]
    """For IPv4 and IPv6: networks by how many bits of an address are not theirs, the narrowest first."""

    def class_of(self, address: Address) -> NetworkClass:
        number = int(address)
        for host_bits, networks in self.by_length[address.version]:
            found = networks.get(number >> host_bits)
            if found is not None:
                return found
        return NetworkClass.UNKNOWN


@dataclass(frozen=True, slots=True)
class Robots:
    """Which user agents are those of robots that say so, or that forgot to hide."""

    date: str
    pattern: re.Pattern[str]

    def knows(self, user_agent: str) -> bool:
        return self.pattern.search(user_agent) is not None


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists that count now."""

    networks: Networks
    robots: Robots


def load_lists(folder: Path | None) -> Lists:
    """The newest lists there are; BadList where one of them cannot be used."""
    newest: dict[str, tuple[str, Traversable]] = {}
    for file in chain(_own(), _files(folder)):
        named = _NAME.fullmatch(file.name)
        if named and named[2] >= newest.get(named[1], ("", file))[0]:
            newest[named[1]] = (named[2], file)
    return Lists(_networks(*newest[NETWORKS]), _robots(*newest[ROBOTS]))


def _own() -> Iterable[Traversable]:
    return resources.files("server.promo.ingest").joinpath("data").iterdir()


def _files(folder: Path | None) -> Iterable[Traversable]:
    return folder.iterdir() if folder is not None and folder.is_dir() else ()


def _networks(dated: str, file: Traversable) -> Networks:
    found: dict[int, dict[int, dict[int, NetworkClass]]] = {4: {}, 6: {}}
    for where, line in _lines(dated, file):
        kind, _, cidr = line.partition(" ")
        try:
            network = ip_network(cidr.strip())
            network_class = NetworkClass(kind)
        except ValueError as error:
            raise BadList(f"{where}: must be a class and a network ({error})") from error
        bits = (32 if isinstance(network, IPv4Network) else 128) - network.prefixlen
        found[network.version].setdefault(bits, {})[int(network.network_address) >> bits] = network_class
    return Networks(dated, {version: tuple(sorted(by_bits.items())) for version, by_bits in found.items()})


def _robots(dated: str, file: Traversable) -> Robots:
    pieces = [re.escape(line) for _, line in _lines(dated, file)]
    if not pieces:
        raise BadList(f"{file.name}: must name one robot at least")
    return Robots(dated, re.compile("|".join(pieces), re.IGNORECASE))


def _lines(dated: str, file: Traversable) -> Iterator[tuple[str, str]]:
    try:
        date.fromisoformat(dated)
        text = file.read_text(encoding="utf-8")
    except (ValueError, OSError) as error:
        raise BadList(f"{file.name}: {error}") from error
    for number, line in enumerate(text.splitlines(), 1):
        stated = line.partition("#")[0].strip()
        if stated:
            yield f"{file.name}, line {number}", stated
