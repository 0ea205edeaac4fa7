"""Growth's RPCs: parse, call, render."""

from callsheet.growth.v1 import (
    credit_pb2,
    feed_pb2,
    follow_pb2,
    notification_pb2,
    referral_pb2,
    saved_search_pb2,
    search_document_pb2,
)
from callsheet.growth.v1.growth_pb2_grpc import GrowthServiceServicer
from server.core.call import actor_or_none, current_actor
from server.core.grpc.once import IdempotentCalls
from server.growth.credit import convert as ledgers
from server.growth.credit.usecases import CreditUseCases
from server.growth.feed import convert as feeds
from server.growth.feed.following import FollowUseCases
from server.growth.feed.posting import PostUseCases
from server.growth.feed.reading import FeedReading
from server.growth.notifications import convert as notifications
from server.growth.notifications.usecases import NotificationUseCases
from server.growth.referrals import convert as referrals
from server.growth.referrals.usecases import ReferralUseCases
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
        follows: FollowUseCases,
        posts: PostUseCases,
        reading: FeedReading,
        referral_usecases: ReferralUseCases,
        calls: IdempotentCalls,
    ) -> None:
        self._searches = saved_searches
        self._documents = documents
        self._notifications = notification_usecases
        self._credit = credit
        self._follows = follows
        self._posts = posts
        self._feeds = reading
        self._referrals = referral_usecases
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

    async def Follow(self, request: follow_pb2.FollowRequest, context: object) -> follow_pb2.FollowResponse:
        command = feeds.following(request, current_actor())
        done = await self._follows.follow(command, self._once(request, feeds.follow_response))
        return feeds.follow_response(done)

    async def Unfollow(self, request: follow_pb2.UnfollowRequest, context: object) -> follow_pb2.UnfollowResponse:
        command = feeds.following(request, current_actor())
        await self._follows.unfollow(command, self._once(request, feeds.unfollow_response))
        return feeds.unfollow_response(None)

    async def ListFollowing(
        self, request: follow_pb2.ListFollowingRequest, context: object
    ) -> follow_pb2.ListFollowingResponse:
        command = feeds.list_follows(request, current_actor())
        page = await self._follows.following(command)
        return feeds.list_following_response(page)

    async def ListFollowers(
        self, request: follow_pb2.ListFollowersRequest, context: object
    ) -> follow_pb2.ListFollowersResponse:
        command = feeds.list_follows(request, current_actor())
        page = await self._follows.followers(command)
        return feeds.list_followers_response(page)

    async def CreateFeedPost(
        self, request: feed_pb2.CreateFeedPostRequest, context: object
    ) -> feed_pb2.CreateFeedPostResponse:
        command = feeds.create_post(request, current_actor())
        done = await self._posts.create(command, self._once(request, feeds.create_response))
        return feeds.create_response(done)

    async def UpdateFeedPost(
        self, request: feed_pb2.UpdateFeedPostRequest, context: object
    ) -> feed_pb2.UpdateFeedPostResponse:
        command = feeds.update_post(request, current_actor())
        done = await self._posts.update(command, self._once(request, feeds.update_response))
        return feeds.update_response(done)

    async def PublishFeedPost(
        self, request: feed_pb2.PublishFeedPostRequest, context: object
    ) -> feed_pb2.PublishFeedPostResponse:
        command = feeds.move_post(request, current_actor())
        done = await self._posts.publish(command, self._once(request, feeds.publish_response))
        return feeds.publish_response(done)

    async def UnpublishFeedPost(
        self, request: feed_pb2.UnpublishFeedPostRequest, context: object
    ) -> feed_pb2.UnpublishFeedPostResponse:
        command = feeds.move_post(request, current_actor())
        done = await self._posts.unpublish(command, self._once(request, feeds.unpublish_response))
        return feeds.unpublish_response(done)

    async def VerifyFeedPost(
        self, request: feed_pb2.VerifyFeedPostRequest, context: object
    ) -> feed_pb2.VerifyFeedPostResponse:
        once = self._once(request, feeds.verify_response)
        post = await self._posts.verify(request.feed_id, once, verified=request.verified)
        return feeds.verify_response(post)

    async def GetFeedPost(self, request: feed_pb2.GetFeedPostRequest, context: object) -> feed_pb2.GetFeedPostResponse:
        shown = await self._feeds.get(request.feed_id, actor_or_none())
        return feeds.get_response(shown)

    async def ListHomeFeed(
        self, request: feed_pb2.ListHomeFeedRequest, context: object
    ) -> feed_pb2.ListHomeFeedResponse:
        command = feeds.home(request, current_actor())
        page = await self._feeds.home(command)
        return feeds.home_response(page)

    async def ListAuthorFeed(
        self, request: feed_pb2.ListAuthorFeedRequest, context: object
    ) -> feed_pb2.ListAuthorFeedResponse:
        command = feeds.author_feed(request, actor_or_none())
        page = await self._feeds.author(command)
        return feeds.author_feed_response(page)

    async def DiscoverFeed(
        self, request: feed_pb2.DiscoverFeedRequest, context: object
    ) -> feed_pb2.DiscoverFeedResponse:
        command = feeds.discover(request, actor_or_none())
        page = await self._feeds.discover(command)
        return feeds.discover_response(page)

    async def CreateReferralProgram(
        self, request: referral_pb2.CreateReferralProgramRequest, context: object
    ) -> referral_pb2.CreateReferralProgramResponse:
        once = self._once(request, referrals.create_program_response)
        program = await self._referrals.create_program(referrals.program(request.terms), once)
        return referrals.create_program_response(program)

    async def UpdateReferralProgram(
        self, request: referral_pb2.UpdateReferralProgramRequest, context: object
    ) -> referral_pb2.UpdateReferralProgramResponse:
        change, once = referrals.program_change(request), self._once(request, referrals.update_program_response)
        program = await self._referrals.update_program(request.program_id, change, once)
        return referrals.update_program_response(program)

    async def ListReferralPrograms(
        self, request: referral_pb2.ListReferralProgramsRequest, context: object
    ) -> referral_pb2.ListReferralProgramsResponse:
        command = referrals.list_programs(request, current_actor())
        page = await self._referrals.programs(command)
        return referrals.list_programs_response(page)

    async def CreateReferralInvite(
        self, request: referral_pb2.CreateReferralInviteRequest, context: object
    ) -> referral_pb2.CreateReferralInviteResponse:
        command = referrals.create_invite(request, current_actor())
        invite = await self._referrals.invite(command, self._once(request, referrals.create_invite_response))
        return referrals.create_invite_response(invite)

    async def AcceptReferralInvite(
        self, request: referral_pb2.AcceptReferralInviteRequest, context: object
    ) -> referral_pb2.AcceptReferralInviteResponse:
        command = referrals.accept_invite(request, current_actor())
        invite = await self._referrals.accept(command, self._once(request, referrals.accept_invite_response))
        return referrals.accept_invite_response(invite)

    async def ListReferralInvites(
        self, request: referral_pb2.ListReferralInvitesRequest, context: object
    ) -> referral_pb2.ListReferralInvitesResponse:
        command = referrals.list_invites(request, current_actor())
        page = await self._referrals.invites(command)
        return referrals.list_invites_response(page)

    async def ReviewReferralInvite(
        self, request: referral_pb2.ReviewReferralInviteRequest, context: object
    ) -> referral_pb2.ReviewReferralInviteResponse:
        command = referrals.review_invite(request, current_actor())
        invite = await self._referrals.review(command, self._once(request, referrals.review_invite_response))
        return referrals.review_invite_response(invite)
