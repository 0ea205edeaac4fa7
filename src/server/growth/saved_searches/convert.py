"""Protobuf and domain, in both directions."""

from collections.abc import Sequence
from datetime import date

from google.protobuf.struct_pb2 import Struct

from callsheet.growth.v1 import saved_search_pb2 as pb
from callsheet.growth.v1 import search_document_pb2 as document_pb
from server.core.call import Actor
from server.core.errors import FieldInvalid, Violation
from server.core.grpc.proto import EnumMap, timestamp
from server.core.pagination import Page
from server.growth.saved_searches.domain import Alert, DayRange, SavedSearch, SearchDocument, SearchScope
from server.growth.saved_searches.query import Node, parse, render
from server.growth.saved_searches.usecases import (
    CreateSavedSearch,
    DeleteSavedSearch,
    ListAlerts,
    ListSavedSearches,
    PauseSavedSearch,
    Preview,
    PreviewSavedSearch,
    UpdateSavedSearch,
)
from server.growth.structs import json_object, struct

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


UPDATABLE = ("query", "city", "time_zone")
PREVIEWED = 20


def update_saved_search(request: pb.UpdateSavedSearchRequest, actor: Actor) -> UpdateSavedSearch:
    paths = frozenset(request.update_mask.paths)
    if not paths or not paths <= set(UPDATABLE):
        raise FieldInvalid(Violation("update_mask", f"must name some of {', '.join(UPDATABLE)}"))
    if "city" in paths and not request.city:
        raise FieldInvalid(Violation("city", "must not be empty"))
    return UpdateSavedSearch(
        actor=actor,
        search_id=request.search_id,
        query=query(request.query) if "query" in paths else None,
        city=request.city if "city" in paths else None,
        time_zone=request.time_zone if "time_zone" in paths else None,
    )


def pause_saved_search(request: pb.PauseSavedSearchRequest, actor: Actor) -> PauseSavedSearch:
    until = day(request.paused_until, "paused_until")
    return PauseSavedSearch(actor=actor, search_id=request.search_id, until=until)


def resume_saved_search(request: pb.ResumeSavedSearchRequest, actor: Actor) -> PauseSavedSearch:
    return PauseSavedSearch(actor=actor, search_id=request.search_id, until=None)


def preview_saved_search(request: pb.PreviewSavedSearchRequest, actor: Actor) -> PreviewSavedSearch:
    return PreviewSavedSearch(
        actor=actor,
        scope=SCOPES.member(request.scope),
        query=query(request.query),
        city=request.city,
        limit=request.limit or PREVIEWED,
    )


def list_alerts(request: pb.ListSavedSearchAlertsRequest, actor: Actor) -> ListAlerts:
    return ListAlerts(
        actor=actor, search_id=request.search_id, page_size=request.page_size, page_token=request.page_token
    )


def documents(request: document_pb.UpsertSearchDocumentsRequest) -> Sequence[SearchDocument]:
    return [document(message, f"documents[{index}]") for index, message in enumerate(request.documents)]


def create_saved_search_response(search: SavedSearch) -> pb.CreateSavedSearchResponse:
    return pb.CreateSavedSearchResponse(saved_search=saved_search(search))


def get_saved_search_response(search: SavedSearch) -> pb.GetSavedSearchResponse:
    return pb.GetSavedSearchResponse(saved_search=saved_search(search))


def list_saved_searches_response(page: Page[SavedSearch]) -> pb.ListSavedSearchesResponse:
    return pb.ListSavedSearchesResponse(saved_searches=map(saved_search, page.items), next_page_token=page.next_token)


def delete_saved_search_response(nothing: None) -> pb.DeleteSavedSearchResponse:
    return pb.DeleteSavedSearchResponse()


def update_saved_search_response(search: SavedSearch) -> pb.UpdateSavedSearchResponse:
    return pb.UpdateSavedSearchResponse(saved_search=saved_search(search))


def pause_saved_search_response(search: SavedSearch) -> pb.PauseSavedSearchResponse:
    return pb.PauseSavedSearchResponse(saved_search=saved_search(search))


def resume_saved_search_response(search: SavedSearch) -> pb.ResumeSavedSearchResponse:
    return pb.ResumeSavedSearchResponse(saved_search=saved_search(search))


def preview_saved_search_response(preview: Preview) -> pb.PreviewSavedSearchResponse:
    return pb.PreviewSavedSearchResponse(
        documents=map(search_document, preview.documents), query=struct(render(preview.query))
    )


def list_alerts_response(page: Page[Alert]) -> pb.ListSavedSearchAlertsResponse:
    return pb.ListSavedSearchAlertsResponse(alerts=map(_alert, page.items), next_page_token=page.next_token)


def upsert_search_documents_response(changed: int) -> document_pb.UpsertSearchDocumentsResponse:
    return document_pb.UpsertSearchDocumentsResponse(changed=changed)


def delete_search_documents_response(deleted: int) -> document_pb.DeleteSearchDocumentsResponse:
    return document_pb.DeleteSearchDocumentsResponse(deleted=deleted)


def query(message: Struct) -> Node:
    """The tree that a request carries, in normal form."""
    return parse(json_object(message))


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


def _alert(alert: Alert) -> pb.SavedSearchAlert:
    return pb.SavedSearchAlert(
        alert_id=alert.alert_id,
        search_id=alert.search_id,
        alert_dt=alert.alert_dt.isoformat(),
        match_count=alert.match_count,
        documents=map(search_document, alert.documents),
        email_sent=alert.email_sent,
        created_at=timestamp(alert.created_at),
    )


def document(message: pb.SearchDocument, path: str) -> SearchDocument:
    """A document as a client describes it; words are kept in lower case, as queries are."""
    return SearchDocument(
        document_id=message.document_id,
        scope=SCOPES.member(message.scope),
        owner_user_id=message.owner_user_id,
        city=message.city,
        title=message.title,
        roles=tuple(dict.fromkeys(role.strip().lower() for role in message.roles)),
        tags=tuple(dict.fromkeys(tag.strip().lower() for tag in message.tags)),
        price_cents=message.price_cents if message.HasField("price_cents") else None,
        rating_hundredths=message.rating_hundredths if message.HasField("rating_hundredths") else None,
        verified=message.verified,
        available=tuple(
            DayRange(
                day(days.first_day, f"{path}.available[{index}].first_day"),
                day(days.last_day, f"{path}.available[{index}].last_day"),
            )
            for index, days in enumerate(message.available)
        ),
        latitude=round(message.latitude, 6) if message.HasField("latitude") else None,
        longitude=round(message.longitude, 6) if message.HasField("longitude") else None,
    )


def search_document(found: SearchDocument) -> pb.SearchDocument:
    return pb.SearchDocument(
        document_id=found.document_id,
        scope=SCOPES.number(found.scope),
        owner_user_id=found.owner_user_id,
        city=found.city,
        title=found.title,
        roles=found.roles,
        tags=found.tags,
        price_cents=found.price_cents,
        rating_hundredths=found.rating_hundredths,
        verified=found.verified,
        available=[
            pb.DayRange(first_day=days.first.isoformat(), last_day=days.last.isoformat()) for days in found.available
        ],
        latitude=found.latitude,
        longitude=found.longitude,
    )


def day(text: str, field: str) -> date:
    """A day; FieldInvalid where the calendar has none such."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FieldInvalid(Violation(field, "must be a day such as 2026-12-31")) from None


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
