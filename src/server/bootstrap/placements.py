"""Serving, built: what a server keeps in memory to answer searches."""

import random
from contextlib import AsyncExitStack
from dataclasses import dataclass

from server.adapters.viewings import viewings
from server.bootstrap.parts import Core
from server.promo.campaigns.repository import CampaignRepository
from server.promo.hashes import ViewerHashes
from server.promo.pacing.repository import PacingRepository
from server.promo.pacing.usecases import PacingUseCases
from server.promo.policies.repository import PolicyRepository
from server.promo.serving.counting import Counts
from server.promo.serving.diagnosing import Diagnosing
from server.promo.serving.keeping import Keeper
from server.promo.serving.metrics import ServingMetrics
from server.promo.serving.repository import ServingRepository
from server.promo.serving.usecases import PlacementUseCases
from server.promo.switches.repository import SwitchRepository
from server.promo.tokens import TokenSigner


@dataclass(frozen=True, slots=True)
class Placements:
    """What answers searches, what explains the answers, what paces them, and what keeps them true."""

    usecases: PlacementUseCases
    diagnosing: Diagnosing
    pacing: PacingUseCases
    keeper: Keeper


async def build(stack: AsyncExitStack, core: Core) -> Placements:
    repository, metrics = ServingRepository(), ServingMetrics(core.registry)
    counts = Counts(core.database, repository)
    switches = SwitchRepository()
    keeper = Keeper(core.database, repository, switches, counts, core.clock, core.ids.new("svr"), metrics)
    seen = await stack.enter_async_context(viewings(core.settings.viewings_url.get_secret_value()))
    usecases = PlacementUseCases(
        keeper,
        counts,
        seen,
        ViewerHashes(core.settings.pepper.get_secret_value().encode()),
        TokenSigner(core.settings.token_keys),
        core.clock,
        core.ids,
        random.random,
        metrics,
    )
    return Placements(
        usecases,
        Diagnosing(core.database, CampaignRepository(), PolicyRepository(), repository, switches, core.clock),
        PacingUseCases(core.database, PacingRepository(), repository, core.clock),
        keeper,
    )
