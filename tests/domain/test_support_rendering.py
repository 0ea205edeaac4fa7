"""From hostile markdown to HTML that is safe to show."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.support.cases.rendering import render

ALLOWED = re.compile(
    r"</?(?:p|strong|em|code|pre|blockquote|ul|li|h[1-6])>|<ol(?: start=\"\d+\")?>|</ol>|<br ?/?>|<hr ?/?>|</a>"
    r"|<a(?: (?:href=\"(?:https?:|mailto:|[^:\"]*(?=\"))[^\"]*\"|title=\"[^\"]*\"|rel=\"nofollow noopener\"))+>"
)


def tags(html: str) -> list[str]:
    return re.findall(r"<[^>]*>", html)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Nobody *came*.", "<p>Nobody <em>came</em>.</p>\n"),
        ("# Late\n\n1. one\n2. two", "<h1>Late</h1>\n<ol>\n<li>one</li>\n<li>two</li>\n</ol>\n"),
        (
            "[us](https://example.com 'Hi')",
            '<p><a href="https://example.com" title="Hi" rel="nofollow noopener">us</a></p>\n',
        ),
        ("<me@example.com>", '<p><a href="mailto:me@example.com" rel="nofollow noopener">me@example.com</a></p>\n'),
        ("`<b>`", "<p><code>&lt;b&gt;</code></p>\n"),
    ],
)
def test_markdown_becomes_html(text: str, html: str) -> None:
    assert render(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<!-- comment --><style>*{display:none}</style>",
        "<a href='javascript:alert(1)'>x</a>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
        "[x](vbscript:msgbox(1))",
        "[x](file:///etc/passwd)",
        "<javascript:alert(1)>",
        "![x](https://tracker.example/pixel.png)",
        "![x](data:image/svg+xml,<svg onload=alert(1)>)",
        '[x](https://example.com/"onmouseover="alert(1))',
        "[x][1]\n\n[1]: javascript:alert(1)",
        "```html\n<script>alert(1)</script>\n```",
        "<iframe src=//example.com></iframe>\n\n<form action=//example.com><input>",
        "\u202e<scr\u0000ipt>alert(1)</script>",
    ],
)
def test_nothing_that_runs_or_loads_gets_through(text: str) -> None:
    html = render(text)
    assert [tag for tag in tags(html) if not ALLOWED.fullmatch(tag)] == []
    assert not re.search(r'href="\s*(?!https?:|mailto:)[a-z]+:', html, re.IGNORECASE)


@pytest.mark.parametrize(
    "text",
    [
        "> " * 5_000 + "deep",
        "- " * 5_000 + "deep",
        "[" * 10_000 + "x" + "](y)" * 2_000,
        "*" * 20_000,
        "**a " * 5_000,
        "`" * 20_000,
        "![" * 9_000,
        "<" * 20_000,
        "\n".join("  " * depth + "- x" for depth in range(150)),
        "&#" * 10_000,
        "|" * 20_000,
    ],
    ids=[
        "quotes",
        "lists",
        "brackets",
        "stars",
        "strong",
        "ticks",
        "pictures",
        "angles",
        "indents",
        "entities",
        "bars",
    ],
)
def test_deep_and_repetitive_markdown_comes_to_an_end(text: str) -> None:
    html = render(text[:20_000])
    assert html.count("<blockquote>") <= 20
    assert html.count("<ul>") <= 20
    assert [tag for tag in tags(html) if not ALLOWED.fullmatch(tag)] == []


@given(st.text(alphabet=st.sampled_from("ab<>&\"'`*_[]()!#-:/\\\n javscript="), max_size=200))
def test_whatever_is_typed_only_listed_tags_come_out(text: str) -> None:
    assert [tag for tag in tags(render(text)) if not ALLOWED.fullmatch(tag)] == []
