"""How well the rules tell people from everybody else, on labelled days that they have not seen.

Three days are played, each from a seed of its own, with families that set no limit among them; clicks of all three are
counted together. The limits as the first design had them are measured beside ours.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from rich.table import Table

from bench.report import console, result
from server.promo.domain.verdicts import Rule
from streams.clicks.rules.book import (
    DAY_MS,
    DEFAULT_BOOK,
    HOUR_MS,
    MINUTE_MS,
    Book,
    Limits,
    Rate,
    RateLimits,
    ViewerRatioLimits,
)
from tests.streams.day.playing import HELD_OUT, TUNED, day
from tests.streams.day.scoring import Score, Tally, score
from tests.streams.day.served import Labelled

SEEDS = (101, 102, 103)
DESIGNED: Mapping[Rule, Limits] = {
    Rule.VIEWER_RATIO: ViewerRatioLimits(served=10, percent=25, deviation_tenths=0),
    Rule.CLICK_RATE: RateLimits(
        (Rate(1, MINUTE_MS, per_campaign=True), Rate(3, 10 * MINUTE_MS), Rate(10, HOUR_MS), Rate(25, DAY_MS))
    ),
}


def designed() -> Book:
    """The same rules with the limits that were first thought of."""
    settings = (
        replace(setting, limits=DESIGNED.get(setting.rule, setting.limits)) for setting in DEFAULT_BOOK.settings
    )
    return Book(1, tuple(settings))


def main() -> None:
    """Measures and prints."""
    days = [day(seed, {**TUNED, **HELD_OUT}) for seed in SEEDS]
    console.print(f"{sum(map(len, days)):,} clicks on {len(days)} days")
    ours = together(score(clicks, DEFAULT_BOOK) for clicks in days)
    console.print(table("Called invalid, of what is", ours.invalid))
    console.print(table("Called invalid, of what is not", ours.valid))
    show("rules", ours)
    tuned = {family.__name__ for family in TUNED}
    show("rules_tuned_families", together(score(only(clicks, tuned), DEFAULT_BOOK) for clicks in days))
    show("rules_as_first_designed", together(score(clicks, designed()) for clicks in days))


def only(clicks: Iterable[Labelled], families: set[str]) -> list[Labelled]:
    """Without the families that set no limit. Their ids tell who they are."""
    return [one for one in clicks if one.click.event_id.rpartition(" ")[2] in families]


def together(scores: Iterable[Score]) -> Score:
    """All days as one."""
    whole = Score()
    for one in scores:
        for mine, theirs in ((whole.valid, one.valid), (whole.invalid, one.invalid)):
            for family, tally in theirs.items():
                _add(mine.setdefault(family, Tally()), tally)
    return whole


def _add(tally: Tally, more: Tally) -> None:
    tally.clicks += more.clicks
    tally.called += more.called
    for rule, count in more.rules.items():
        tally.rules[rule] = tally.rules.get(rule, 0) + count


def table(title: str, tallies: Mapping[str, Tally]) -> Table:
    rows = Table("family", "clicks", "share", "95 %", "decided by", title=title)
    for family, tally in sorted(tallies.items()):
        low, high = tally.interval()
        rules = sorted(tally.rules.items(), key=lambda pair: -pair[1])
        deciding = ", ".join(f"{rule} {count}" for rule, count in rules)
        rows.add_row(family, f"{tally.clicks:,}", f"{tally.share:.2%}", f"{low:.2%} – {high:.2%}", deciding)
    return rows


def show(name: str, scored: Score) -> None:
    """The three figures, each with its interval."""
    for what, tally in (
        ("precision", scored.precision),
        ("recall", scored.recall),
        ("false_positives", scored.false_positives),
    ):
        low, high = tally.interval()
        result(f"{name}_{what}", tally.share, "share")
        console.print(f"{name} {what}: {tally.share:.4f} (95 %: {low:.4f} – {high:.4f})")


if __name__ == "__main__":
    main()
