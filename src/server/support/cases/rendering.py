"""From what somebody typed to what a page may show.

The text is kept as it was typed; this makes HTML of it in two independent steps. The parser knows CommonMark without
HTML, so that markup in the text is text. The sanitiser then lets through listed tags, attributes and URL schemes only,
whatever the parser did. Raise VERSION with any change: stored renderings of an older version are made anew when read.
"""

import nh3
from markdown_it import MarkdownIt

VERSION = 1
DEEPEST_NESTING = 20

_TAGS = {
    *("p", "br", "hr", "strong", "em", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "a"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}

# Pictures would load from wherever their author likes, and tell them who reads.
_PARSER = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST_NESTING}).disable("image")


def render(body_md: str) -> str:
    """Safe HTML of a text in CommonMark."""
    return nh3.clean(
        _PARSER.render(body_md),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener",
        strip_comments=True,
    )
