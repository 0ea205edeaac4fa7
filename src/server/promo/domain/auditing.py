"""What makes a ledger whole: chains without gap whose every hash follows from what stands before it."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from server.promo.domain.funds import Funds
from server.promo.domain.ledger import Chain, Head, Link, link


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written down."""

    campaign_id: str
    chain: Chain
    sequence: int
    what: str


class ChainAudit:
    """Follows one chain from its beginning."""

    def __init__(self, campaign_id: str, chain: Chain) -> None:
        self.chain = chain
        self.head = Head(campaign_id)

    def follow(self, stored: Link) -> Iterator[Finding]:
        """What is wrong with the next entry. It is followed as it stands, so that one change is one finding."""
        expected = link(self.head, stored.movement)
        if stored.sequence != expected.sequence:
            yield self._finding(stored.sequence, f"follows {self.head.sequence}: entries are missing")
        elif stored.previous_hash != expected.previous_hash:
            yield self._finding(stored.sequence, "does not name the hash of the entry before it")
        elif stored.hash != expected.hash:
            yield self._finding(stored.sequence, "is not what its hash was made of")
        if stored.movement.chain is not self.chain:
            yield self._finding(stored.sequence, "goes the other way than its chain")
        self.head = stored.head(self.head)

    def end(self, head: Head) -> Iterator[Finding]:
        """What is wrong between the last entry and where the chain is said to stand."""
        if head.sequence != self.head.sequence:
            yield self._finding(head.sequence, f"is the head's, {self.head.sequence} the last entry's")
        elif head.hash != self.head.hash:
            yield self._finding(head.sequence, "has another hash at the head than in the entry")
        elif head.funds != self.head.funds:
            yield self._finding(
                head.sequence, f"sums up to {_words(self.head.funds)}, the head says {_words(head.funds)}"
            )

    def _finding(self, sequence: int, what: str) -> Finding:
        return Finding(self.head.campaign_id, self.chain, sequence, what)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one chain stands."""

    chain: Chain
    head: Head

    def line(self) -> str:
        funds, head = self.head.funds, self.head
        return (
            f"{head.campaign_id} {self.chain} {head.sequence} {funds.promo_cents} {funds.cash_cents} {head.hash.hex()}"
        )


def digest_of(standings: Iterable[Standing]) -> bytes:
    """One hash for all chains of an advertiser, whatever order they come in."""
    lines = sorted(standing.line() for standing in standings)
    return hashlib.sha256("\n".join(lines).encode()).digest()


def _words(funds: Funds) -> str:
    return f"{funds.promo_cents} of credit and {funds.cash_cents} of cash"
