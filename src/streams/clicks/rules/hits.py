"""What a rule found."""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from server.promo.domain.verdicts import Rule

Evidence: TypeAlias = Mapping[str, str | int]
"""Why, in the rule's own words: small, and the same whenever it is computed. No float, and nobody's name."""


class Hit(NamedTuple):
    """A rule that applies to a click. One that is no more than a hint is kept as evidence and decides nothing."""

    rule: Rule
    version: int
    evidence: Evidence
    hint: bool = False


Hits: TypeAlias = tuple[Hit, ...]
