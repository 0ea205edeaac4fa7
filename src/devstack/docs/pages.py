"""The list of generated pages."""

from collections.abc import Mapping

from devstack.docs import decisions, errors, jobs, machines, rpcs, service_config
from devstack.docs.api import read_api


def render_all() -> Mapping[str, str]:
    """Every page, as its name below `docs/` and its text."""
    api = read_api()
    return {
        f"adr/{decisions.INDEX}": decisions.render(),
        "errors.md": errors.render(api),
        "grpc_service_config.json": service_config.render(api),
        "jobs.md": jobs.render(),
        "rpcs.md": rpcs.render(api),
        "state-machines.md": machines.render(),
    }
