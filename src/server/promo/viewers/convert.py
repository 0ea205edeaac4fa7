"""Forgetting viewers, on the wire."""

from callsheet.promo.v1 import switch_pb2 as pb
from server.core.call import Actor
from server.promo.viewers.repository import ErasedViewer
from server.promo.viewers.usecases import EraseViewer


def erase_viewer(request: pb.EraseViewerRequest, actor: Actor) -> EraseViewer:
    return EraseViewer(actor=actor, viewer_id=request.viewer_id, reason=request.reason)


def erase_viewer_response(erased: ErasedViewer) -> pb.EraseViewerResponse:
    return pb.EraseViewerResponse(pseudonym=erased.pseudonym, events=erased.events)
