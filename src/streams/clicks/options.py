"""What a process of the click stream has to know."""

from dataclasses import dataclass
from pathlib import Path

from server.adapters.eventlog.port import LogPlace


@dataclass(frozen=True, slots=True)
class Options:
    """Where its data comes from and goes to, and where it tells of itself."""

    database_url: str
    log: LogPlace
    budget_url: str
    budget_cluster: bool
    partitions: int
    state_dir: Path
    status_host: str
    status_port: int

    @property
    def recovery_dir(self) -> Path:
        return self.state_dir / "stream"
