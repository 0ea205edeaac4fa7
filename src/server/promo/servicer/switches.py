"""Calls on what is switched off, and on who is forgotten."""

from callsheet.promo.v1 import switch_pb2 as pb
from server.core.call import current_actor
from server.promo.servicer.calls import Calls
from server.promo.switches import convert
from server.promo.viewers import convert as viewers


class SwitchCalls(Calls):
    """Answers the calls on what is switched off, and on who is forgotten."""

    async def SetKillSwitch(self, request: pb.SetKillSwitchRequest, context: object) -> pb.SetKillSwitchResponse:
        command = convert.set_kill_switch(request, current_actor())
        board = await self._use.switches.set(command, self._once(request, convert.set_kill_switch_response))
        return convert.set_kill_switch_response(board)

    async def GetKillSwitches(self, request: pb.GetKillSwitchesRequest, context: object) -> pb.GetKillSwitchesResponse:
        board = await self._use.switches.get()
        return convert.get_kill_switches_response(board)

    async def EraseViewer(self, request: pb.EraseViewerRequest, context: object) -> pb.EraseViewerResponse:
        command = viewers.erase_viewer(request, current_actor())
        erased = await self._use.viewers.erase(command, self._once(request, viewers.erase_viewer_response))
        return viewers.erase_viewer_response(erased)
