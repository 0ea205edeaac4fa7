"""Growth's RPCs: parse, call, render."""

from callsheet.growth.v1 import credit_pb2, notification_pb2, saved_search_pb2, search_document_pb2
from callsheet.growth.v1.growth_pb2_grpc import GrowthServiceServicer
from server.core.call import current_actor
from server.core.grpc.once import IdempotentCalls
from server.growth.credit import convert as ledgers
from server.growth.credit.usecases import CreditUseCases
from server.growth.notifications import convert as notifications
from server.growth.notifications.usecases import NotificationUseCases
from server.growth.saved_searches import convert as searches
from server.growth.saved_searches.documents import SearchDocumentUseCases
from server.growth.saved_searches.usecases import SavedSearchUseCases


class GrowthServicer(GrowthServiceServicer):
    """Answers `callsheet.growth.v1.GrowthService`."""

    def __init__(
        self,
        saved_searches: SavedSearchUseCases,
        documents: SearchDocumentUseCases,
        notification_usecases: NotificationUseCases,
        credit: CreditUseCases,
        calls: IdempotentCalls,
    ) -> None:
        self._searches = saved_searches
        self._documents = documents
        self._notifications = notification_usecases
        self._credit = credit
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

    async def UpdateSavedSearch(
        self, request: saved_search_pb2.UpdateSavedSearchRequest, context: object
    ) -> saved_search_pb2.UpdateSavedSearchResponse:
        command = searches.update_saved_search(request, current_actor())
        found = await self._searches.update(command, self._once(request, searches.update_saved_search_response))
        return searches.update_saved_search_response(found)

    async def PauseSavedSearch(
        self, request: saved_search_pb2.PauseSavedSearchRequest, context: object
    ) -> saved_search_pb2.PauseSavedSearchResponse:
        command = searches.pause_saved_search(request, current_actor())
        found = await self._searches.pause(command, self._once(request, searches.pause_saved_search_response))
        return searches.pause_saved_search_response(found)

    async def ResumeSavedSearch(
        self, request: saved_search_pb2.ResumeSavedSearchRequest, context: object
    ) -> saved_search_pb2.ResumeSavedSearchResponse:
        command = searches.resume_saved_search(request, current_actor())
        found = await self._searches.pause(command, self._once(request, searches.resume_saved_search_response))
        return searches.resume_saved_search_response(found)

    async def PreviewSavedSearch(
        self, request: saved_search_pb2.PreviewSavedSearchRequest, context: object
    ) -> saved_search_pb2.PreviewSavedSearchResponse:
        command = searches.preview_saved_search(request, current_actor())
        page = await self._searches.preview(command)
        return searches.preview_saved_search_response(page)

    async def ListSavedSearchAlerts(
        self, request: saved_search_pb2.ListSavedSearchAlertsRequest, context: object
    ) -> saved_search_pb2.ListSavedSearchAlertsResponse:
        command = searches.list_alerts(request, current_actor())
        page = await self._searches.alerts(command)
        return searches.list_alerts_response(page)

    async def UpsertSearchDocuments(
        self, request: search_document_pb2.UpsertSearchDocumentsRequest, context: object
    ) -> search_document_pb2.UpsertSearchDocumentsResponse:
        documents = searches.documents(request)
        changed = await self._documents.upsert(
            documents, self._once(request, searches.upsert_search_documents_response)
        )
        return searches.upsert_search_documents_response(changed)

    async def DeleteSearchDocuments(
        self, request: search_document_pb2.DeleteSearchDocumentsRequest, context: object
    ) -> search_document_pb2.DeleteSearchDocumentsResponse:
        once = self._once(request, searches.delete_search_documents_response)
        deleted = await self._documents.delete(request.document_ids, once)
        return searches.delete_search_documents_response(deleted)

    async def ListNotifications(
        self, request: notification_pb2.ListNotificationsRequest, context: object
    ) -> notification_pb2.ListNotificationsResponse:
        command = notifications.list_notifications(request, current_actor())
        page = await self._notifications.list(command)
        return notifications.list_notifications_response(page)

    async def MarkNotificationsRead(
        self, request: notification_pb2.MarkNotificationsReadRequest, context: object
    ) -> notification_pb2.MarkNotificationsReadResponse:
        command = notifications.mark_notifications_read(request, current_actor())
        found = await self._notifications.mark_read(
            command, self._once(request, notifications.mark_notifications_read_response)
        )
        return notifications.mark_notifications_read_response(found)

    async def Unsubscribe(
        self, request: notification_pb2.UnsubscribeRequest, context: object
    ) -> notification_pb2.UnsubscribeResponse:
        topic = await self._notifications.unsubscribe(request.token)
        return notifications.unsubscribe_response(topic)

    async def GetCreditBalance(
        self, request: credit_pb2.GetCreditBalanceRequest, context: object
    ) -> credit_pb2.GetCreditBalanceResponse:
        balance = await self._credit.balance(request.user_id)
        return ledgers.balance_response(balance)

    async def ListCreditEntries(
        self, request: credit_pb2.ListCreditEntriesRequest, context: object
    ) -> credit_pb2.ListCreditEntriesResponse:
        command = ledgers.list_entries(request, current_actor())
        page = await self._credit.entries(command)
        return ledgers.list_entries_response(page)

    async def GrantCredit(
        self, request: credit_pb2.GrantCreditRequest, context: object
    ) -> credit_pb2.GrantCreditResponse:
        once = self._once(request, ledgers.grant_response)
        entry = await self._credit.grant(request.user_id, ledgers.award(request), once)
        return ledgers.grant_response(entry)

    async def RedeemCredit(
        self, request: credit_pb2.RedeemCreditRequest, context: object
    ) -> credit_pb2.RedeemCreditResponse:
        once = self._once(request, ledgers.redeem_response)
        entry = await self._credit.redeem(request.user_id, ledgers.redemption(request), once)
        return ledgers.redeem_response(entry)

    async def ReverseRedeem(
        self, request: credit_pb2.ReverseRedeemRequest, context: object
    ) -> credit_pb2.ReverseRedeemResponse:
        once = self._once(request, ledgers.reverse_response)
        entry = await self._credit.reverse(request.user_id, ledgers.reversal(request), once)
        return ledgers.reverse_response(entry)

    async def ClawbackCredit(
        self, request: credit_pb2.ClawbackCreditRequest, context: object
    ) -> credit_pb2.ClawbackCreditResponse:
        once = self._once(request, ledgers.claw_back_response)
        balance = await self._credit.claw_back(request.user_id, request.entry_id, request.reason, once)
        return ledgers.claw_back_response(balance)
