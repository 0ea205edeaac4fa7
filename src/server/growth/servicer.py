"""Growth's RPCs: parse, call, render."""

from callsheet.growth.v1 import saved_search_pb2
from callsheet.growth.v1.growth_pb2_grpc import GrowthServiceServicer
from server.core.call import current_actor
from server.core.grpc.once import IdempotentCalls
from server.growth.saved_searches import convert as searches
from server.growth.saved_searches.usecases import SavedSearchUseCases


class GrowthServicer(GrowthServiceServicer):
    """Answers `callsheet.growth.v1.GrowthService`."""

    def __init__(self, saved_searches: SavedSearchUseCases, calls: IdempotentCalls) -> None:
        self._searches = saved_searches
        self._once = calls.once

    async def CreateSavedSearch(
        self, request: saved_search_pb2.CreateSavedSearchRequest, context: object
    ) -> saved_search_pb2.CreateSavedSearchResponse:
        command = searches.create_saved_search(request, current_actor())
        search = await self._searches.create(command, self._once(request, searches.create_saved_search_response))
        return searches.create_saved_search_response(search)

    async def GetSavedSearch(
        self, request: saved_search_pb2.GetSavedSearchRequest, context: object
    ) -> saved_search_pb2.GetSavedSearchResponse:
        search = await self._searches.get(request.search_id, current_actor())
        return searches.get_saved_search_response(search)

    async def ListSavedSearches(
        self, request: saved_search_pb2.ListSavedSearchesRequest, context: object
    ) -> saved_search_pb2.ListSavedSearchesResponse:
        command = searches.list_saved_searches(request, current_actor())
        page = await self._searches.list(command)
        return searches.list_saved_searches_response(page)

    async def DeleteSavedSearch(
        self, request: saved_search_pb2.DeleteSavedSearchRequest, context: object
    ) -> saved_search_pb2.DeleteSavedSearchResponse:
        command = searches.delete_saved_search(request, current_actor())
        await self._searches.delete(command, self._once(request, searches.delete_saved_search_response))
        return searches.delete_saved_search_response(None)
