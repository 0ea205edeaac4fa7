"""The pages that show the kept mails, to people and to programs."""

from html import escape

from aiohttp import web

from devstack.mail.store import Mail, MailStore

STORE = web.AppKey("store", MailStore)
SHOWN = 200

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #222 }}
  table {{ border-collapse: collapse; width: 100% }} td, th {{ text-align: left; padding: .4rem .6rem .4rem 0 }}
  tr + tr td {{ border-top: 1px solid #ddd }} pre {{ white-space: pre-wrap; background: #f6f6f6; padding: 1rem }}
  iframe {{ width: 100%; height: 30rem; border: 1px solid #ddd }} time, dt {{ color: #666 }}
</style>
<h1>{title}</h1>
{body}
"""


def application(store: MailStore) -> web.Application:
    app = web.Application()
    app[STORE] = store
    app.add_routes(
        [
            web.get("/", listing),
            web.get("/healthz", healthy),
            web.get("/mails/{mail_id}", single),
            web.get("/mails/{mail_id}/source", source),
            web.get("/api/mails", api_listing),
            web.delete("/api/mails", api_clear),
        ]
    )
    return app


async def healthy(request: web.Request) -> web.Response:
    return web.Response(text="ok")


async def listing(request: web.Request) -> web.Response:
    mails = list(request.app[STORE].newest_first())
    body = "".join(_row(mail) for mail in mails[:SHOWN]) or "<tr><td>No mail yet: what Callsheet sends appears here."
    return _html("Mails", f"<table>{body}</table>")


async def single(request: web.Request) -> web.Response:
    mail = request.app[STORE].find(request.match_info["mail_id"])
    if mail is None:
        raise web.HTTPNotFound(text="there is no such mail")
    facts = (("From", mail.sender), ("To", ", ".join(mail.recipients)), ("Received", mail.received_at))
    shown = "".join(f"<dt>{name}<dd>{escape(value)}" for name, value in facts)
    # A mail is not ours to trust: its markup runs no script and reaches no other page.
    markup = f'<h2>HTML</h2><iframe sandbox srcdoc="{escape(mail.html)}"></iframe>' if mail.html else ""
    links = f'<p><a href="/">All mails</a> · <a href="/mails/{mail.mail_id}/source">Source</a>'
    return _html(mail.subject, f"{links}<dl>{shown}</dl><pre>{escape(mail.text)}</pre>{markup}")


async def source(request: web.Request) -> web.Response:
    content = request.app[STORE].source(request.match_info["mail_id"])
    if content is None:
        raise web.HTTPNotFound(text="there is no such mail")
    return web.Response(text=content.decode("utf-8", errors="replace"))


async def api_listing(request: web.Request) -> web.Response:
    return web.json_response([mail.as_json() for mail in request.app[STORE].newest_first()])


async def api_clear(request: web.Request) -> web.Response:
    request.app[STORE].clear()
    return web.Response(status=204)


def _row(mail: Mail) -> str:
    link = f'<a href="/mails/{mail.mail_id}">{escape(mail.subject) or "(no subject)"}</a>'
    return f"<tr><td><time>{mail.received_at[:19]}</time><td>{escape(', '.join(mail.recipients))}<td>{link}"


def _html(title: str, body: str) -> web.Response:
    return web.Response(text=_PAGE.format(title=escape(title), body=body), content_type="text/html")
