"""The webhook's RPC: parse, call, render."""

from google.api.httpbody_pb2 import HttpBody

from callsheet.payments.v1.webhook_pb2_grpc import WebhookServiceServicer
from server.payments import convert
from server.payments.usecases.inbox import Inbox


class WebhookServicer(WebhookServiceServicer):
    """Answers `callsheet.payments.v1.WebhookService`."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def ReceiveStripeEvent(self, request: HttpBody, context: convert.WebhookContext) -> HttpBody:
        signature = convert.signature(context)
        await self._inbox.receive(request.data, signature)
        return convert.taken()
