"""`callsheet storage`: makes the bucket that keeps files, and says whether it is as it must be."""

from rich.console import Console

from server.adapters.objects.bucket import Bucket, Finding
from server.bootstrap.core import place
from server.config import Settings
from server.core.errors import DependencyDown


def create(settings: Settings, output: Console) -> bool:
    """Makes and sets up the bucket; tells whether it is right."""
    try:
        Bucket(place(settings)).create()
    except DependencyDown as failure:
        return _away(failure, output)
    return verify(settings, output)


def verify(settings: Settings, output: Console) -> bool:
    """Prints what was looked at; tells whether everything that the storage offers is right."""
    try:
        findings = Bucket(place(settings)).verify()
    except DependencyDown as failure:
        return _away(failure, output)
    for finding in findings:
        output.print(_line(finding))
    return all(finding.right or not finding.offered for finding in findings)


def _line(finding: Finding) -> str:
    if finding.right:
        return f"[green]✓[/] {finding.what}"
    if not finding.offered:
        return f"[yellow]–[/] {finding.what}: this storage does not offer it; a production bucket must"
    return f"[red]✗[/] {finding.what}: run `callsheet storage create`"


def _away(failure: DependencyDown, output: Console) -> bool:
    output.print(f"[red]✗[/] {failure.message}; see CALLSHEET_S3_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY")
    return False
