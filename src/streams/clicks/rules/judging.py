"""Makes one decision of everything that was found about a click."""

from dataclasses import dataclass

from server.promo.domain.campaign import CampaignStatus
from server.promo.domain.verdicts import Verdict
from streams.clicks.rules.book import Book, Mode, Switches
from streams.clicks.rules.click import Click
from streams.clicks.rules.hits import Hit, Hits


@dataclass(frozen=True, slots=True)
class Judged:
    """What is decided before money is asked for: a verdict, or none where the budget has the last word."""

    verdict: Verdict | None
    decided_by: Hit | None
    hits: Hits

    @property
    def chargeable(self) -> bool:
        return self.verdict is None


def judge(click: Click, hits: Hits, book: Book, switches: Switches, status: CampaignStatus | None) -> Judged:
    """The first rule in the book's order that hits and is on decides. A valid click is charged unless charging was
    stopped; no status means that the log has not said anything of the campaign.
    """
    ordered = in_order(hits, book)
    deciding = next((hit for hit in ordered if _decides(hit, book, switches)), None)
    if deciding is not None:
        return Judged(Verdict.INVALID, deciding, ordered)
    return Judged(_stopped(click, switches, status), None, ordered)


def in_order(hits: Hits, book: Book) -> Hits:
    """Hits as they are stored: in the order in which the book asks, wherever they were found."""
    return tuple(sorted(hits, key=lambda hit: book.places.get((hit.rule, hit.version), len(book.places))))


def _decides(hit: Hit, book: Book, switches: Switches) -> bool:
    return not hit.hint and hit.rule not in switches.rules and book.mode(hit.rule, hit.version) is Mode.ON


def _stopped(click: Click, switches: Switches, status: CampaignStatus | None) -> Verdict | None:
    if status is None:
        return Verdict.UNKNOWN_CAMPAIGN
    if switches.everything or click.campaign_id in switches.campaigns:
        return Verdict.CHARGING_STOPPED
    return Verdict.SUSPENDED if status is CampaignStatus.SUSPENDED else None
