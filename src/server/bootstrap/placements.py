"""Serving, built: what a server keeps in memory to answer searches."""

import random
from contextlib import AsyncExitStack
from dataclasses import dataclass

from server.adapters.viewings import viewings
from server.bootstrap.parts import Core
from server.promo.hashes import ViewerHashes
from server.promo.serving.counting import Counts
from server.promo.serving.keeping import Keeper
from server.promo.serving.metrics import ServingMetrics
from server.promo.serving.repository import ServingRepository
from server.promo.serving.usecases import PlacementUseCases
from server.promo.tokens import TokenSigner


@dataclass(frozen=True, slots=True)
class Placements:
    """What answers searches, and what keeps that true."""

    usecases: PlacementUseCases
    keeper: Keeper


async def build(stack: AsyncExitStack, core: Core) -> Placements:
    repository, metrics = ServingRepository(), ServingMetrics(core.registry)
    counts = Counts(core.database, repository)
    keeper = Keeper(core.database, repository, counts, core.clock, core.ids.new("svr"), metrics)
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
    return Placements(usecases, keeper)
