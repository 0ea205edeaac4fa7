"""Calls on what campaigns did, and do."""

from collections.abc import AsyncIterator

from callsheet.promo.v1 import report_pb2 as pb
from server.core.call import current_actor
from server.promo.reports import convert
from server.promo.servicer.calls import Calls
from server.promo.watching import convert as watching


class ReportCalls(Calls):
    """Answers the calls on what campaigns did, and do."""

    async def GetCampaignReport(
        self, request: pb.GetCampaignReportRequest, context: object
    ) -> pb.GetCampaignReportResponse:
        command = convert.get_campaign_report(request, current_actor())
        report = await self._use.reports.report(command)
        return convert.get_campaign_report_response(report)

    async def WatchCampaign(
        self, request: pb.WatchCampaignRequest, context: object
    ) -> AsyncIterator[pb.WatchCampaignResponse]:
        command = watching.watch_campaign(request, current_actor())
        async for seen in self._use.watching.watch(command):
            yield watching.watch_campaign_response(seen)
