"""Calls on what a search shows."""

from callsheet.promo.v1 import placement_pb2 as pb
from server.promo.servicer.calls import Calls
from server.promo.serving import convert


class ServingCalls(Calls):
    """Answers the calls on what a search shows."""

    async def SelectPlacements(
        self, request: pb.SelectPlacementsRequest, context: object
    ) -> pb.SelectPlacementsResponse:
        search = convert.search(request)
        placements = await self._use.placements.select(search)
        return convert.select_placements_response(placements, search.place)
