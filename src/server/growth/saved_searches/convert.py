"""Protobuf and domain, in both directions."""

from collections.abc import Mapping
from datetime import date

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct, Value

from callsheet.growth.v1 import saved_search_pb2 as pb
from server.core.call import Actor
from server.core.grpc.proto import EnumMap, timestamp
from server.core.pagination import Page
from server.growth.saved_searches.domain import SavedSearch, SearchScope
from server.growth.saved_searches.query import Node, parse, render
from server.growth.saved_searches.usecases import CreateSavedSearch, DeleteSavedSearch, ListSavedSearches

SCOPES = EnumMap(pb.SearchScope, SearchScope, "SEARCH_SCOPE_", pb.SearchScope.ValueType)


def create_saved_search(request: pb.CreateSavedSearchRequest, actor: Actor) -> CreateSavedSearch:
    return CreateSavedSearch(
        actor=actor,
        scope=SCOPES.member(request.scope),
        query=query(request.query),
        city=request.city,
        time_zone=request.time_zone,
    )


def list_saved_searches(request: pb.ListSavedSearchesRequest, actor: Actor) -> ListSavedSearches:
    return ListSavedSearches(actor=actor, page_size=request.page_size, page_token=request.page_token)


def delete_saved_search(request: pb.DeleteSavedSearchRequest, actor: Actor) -> DeleteSavedSearch:
    return DeleteSavedSearch(actor=actor, search_id=request.search_id)


def create_saved_search_response(search: SavedSearch) -> pb.CreateSavedSearchResponse:
    return pb.CreateSavedSearchResponse(saved_search=saved_search(search))


def get_saved_search_response(search: SavedSearch) -> pb.GetSavedSearchResponse:
    return pb.GetSavedSearchResponse(saved_search=saved_search(search))


def list_saved_searches_response(page: Page[SavedSearch]) -> pb.ListSavedSearchesResponse:
    return pb.ListSavedSearchesResponse(saved_searches=map(saved_search, page.items), next_page_token=page.next_token)


def delete_saved_search_response(nothing: None) -> pb.DeleteSavedSearchResponse:
    return pb.DeleteSavedSearchResponse()


def query(message: Struct) -> Node:
    """The tree that a request carries, in normal form."""
    return parse(_object(message))


def saved_search(search: SavedSearch) -> pb.SavedSearch:
    return pb.SavedSearch(
        search_id=search.search_id,
        user_id=search.user_id,
        scope=SCOPES.number(search.scope),
        query=struct(render(search.query)),
        city=search.city,
        time_zone=search.time_zone,
        paused_until=_day(search.paused_until),
        last_alert_dt=_day(search.last_alert_dt),
        created_at=timestamp(search.created_at),
        updated_at=timestamp(search.updated_at),
    )


def struct(content: Mapping[str, object]) -> Struct:
    """JSON as a message."""
    return json_format.ParseDict(dict(content), Struct())


def _object(message: Struct) -> dict[str, object]:
    return {name: _json(value) for name, value in message.fields.items()}


def _json(value: Value) -> object:
    """A value as it would be read from JSON; one that was never set is null."""
    match value.WhichOneof("kind"):
        case "struct_value":
            return _object(value.struct_value)
        case "list_value":
            return [_json(item) for item in value.list_value.values]
        case "number_value":
            return value.number_value
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case _:
            return None


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
