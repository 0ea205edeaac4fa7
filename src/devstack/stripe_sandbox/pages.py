"""The pages that a person sees: the bank's challenge, and the onboarding of a connected account."""

from html import escape

from aiohttp import web

from devstack.stripe_sandbox.errors import StripeError
from devstack.stripe_sandbox.resources import accounts, charging, setup_intents
from devstack.stripe_sandbox.resources.intent import PaymentIntent
from devstack.stripe_sandbox.resources.setup_intents import SetupIntent
from devstack.stripe_sandbox.world import World

_PAGE = """<!doctype html><meta charset="utf-8"><title>Stripe sandbox</title>
<body style="font-family: sans-serif; max-width: 32rem; margin: 4rem auto">
<h1>{title}</h1><p>{text}</p><form method="post">{buttons}</form>"""


def _page(title: str, text: str, **buttons: str) -> web.Response:
    rendered = " ".join(
        f'<button name="outcome" value="{escape(value)}">{escape(label)}</button>' for value, label in buttons.items()
    )
    return web.Response(
        text=_PAGE.format(title=escape(title), text=escape(text), buttons=rendered), content_type="text/html"
    )


class Pages:
    """Each page is a form that posts to itself and sends the person back where the platform wants them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_sandbox/onboarding/{token}", self.show_onboarding),
            web.post("/_sandbox/onboarding/{token}", self.finish_onboarding),
            web.get("/_sandbox/challenges/{intent}", self.show_challenge),
            web.post("/_sandbox/challenges/{intent}", self.finish_challenge),
        ]

    async def show_onboarding(self, request: web.Request) -> web.Response:
        account, _ = self._link(request)
        return _page("Onboarding", f"{account} asks to be paid out.", done="Submit everything")

    async def finish_onboarding(self, request: web.Request) -> web.Response:
        account, return_url = self._link(request)
        self._world.begin("req_onboarding", None)
        with self._world.store.transaction():
            accounts.onboard(self._world, account)
        raise web.HTTPSeeOther(return_url)

    def _link(self, request: web.Request) -> tuple[str, str]:
        stored = self._world.store.setting(f"onboarding:{request.match_info['token']}")
        if not stored:
            raise web.HTTPNotFound(text="This link is not known.")
        account, _, return_url = stored.partition(" ")
        return account, return_url

    async def show_challenge(self, request: web.Request) -> web.Response:
        identifier = request.match_info["intent"]
        return _page("Your bank asks", f"Do you approve {identifier}?", proved="Approve", failed="Refuse")

    async def finish_challenge(self, request: web.Request) -> web.Response:
        identifier, form = request.match_info["intent"], await request.post()
        proved = form.get("outcome") == "proved"
        self._world.begin("req_challenge", None)
        try:
            with self._world.store.transaction():
                return_url = self._complete(identifier, proved=proved)
        except StripeError as refusal:
            raise web.HTTPConflict(text=refusal.message) from None
        raise web.HTTPSeeOther(return_url)

    def _complete(self, identifier: str, *, proved: bool) -> str:
        """Finishes the challenge and tells where the person goes next."""
        store = self._world.store
        payment, setup = store.find(PaymentIntent, identifier), store.find(SetupIntent, identifier)
        action = payment.next_action if payment else setup.next_action if setup else None
        redirect = (action or {}).get("redirect_to_url")
        if payment is not None:
            charging.complete_challenge(self._world, payment, proved=proved)
        elif setup is not None:
            setup_intents.complete_challenge(self._world, setup, proved=proved)
        return str(redirect["return_url"]) if isinstance(redirect, dict) else "/_sandbox/health"
