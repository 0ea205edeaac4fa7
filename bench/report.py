"""How a figure is printed, for people and for whoever collects figures."""

import statistics
import sys
from collections.abc import Sequence

from rich.console import Console

console = Console(stderr=True)


def result(name: str, value: float, unit: str) -> None:
    """One figure, on a line of its own."""
    print(f"RESULT name={name} value={value:.4g} unit={unit}", flush=True)
    sys.stdout.flush()


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def spread(values: Sequence[float]) -> str:
    """The median between the extremes: how much the machine wavered."""
    return f"{median(values):,.0f} (from {min(values):,.0f} to {max(values):,.0f})"
