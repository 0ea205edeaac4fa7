"""Calls on clicks, and on claims about them."""

from callsheet.promo.v1 import click_pb2 as pb
from server.core.call import current_actor
from server.promo.clicks import convert
from server.promo.servicer.calls import Calls


class ClickCalls(Calls):
    """Answers the calls on clicks, and on claims about them."""

    async def ListClicks(self, request: pb.ListClicksRequest, context: object) -> pb.ListClicksResponse:
        command = convert.list_clicks(request, current_actor())
        page = await self._use.clicks.list(command)
        return convert.list_clicks_response(page)

    async def ClaimInvalidClick(
        self, request: pb.ClaimInvalidClickRequest, context: object
    ) -> pb.ClaimInvalidClickResponse:
        command = convert.claim_invalid_click(request, current_actor())
        claim = await self._use.clicks.claim(command, self._once(request, convert.claim_invalid_click_response))
        return convert.claim_invalid_click_response(claim)

    async def ListClickClaims(self, request: pb.ListClickClaimsRequest, context: object) -> pb.ListClickClaimsResponse:
        command = convert.list_click_claims(request, current_actor())
        page = await self._use.clicks.claims(command)
        return convert.list_click_claims_response(page)

    async def DecideClickClaim(
        self, request: pb.DecideClickClaimRequest, context: object
    ) -> pb.DecideClickClaimResponse:
        command = convert.decide_click_claim(request, current_actor())
        claim = await self._use.clicks.decide(command, self._once(request, convert.decide_click_claim_response))
        return convert.decide_click_claim_response(claim)
