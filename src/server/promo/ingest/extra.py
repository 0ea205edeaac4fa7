"""What a client may add to an event, in the form in which PostgreSQL takes it as jsonb."""

import json
import re

NOTHING = "{}"
_RULE = "extra_json: must be a JSON object, its numbers finite, its texts without NUL and lone surrogates"
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def normal_extra(text: str) -> str:
    """The same object, written our way; ValueError with the rule where it is none, or where jsonb would refuse it."""
    if not text:
        return NOTHING
    try:
        value = json.loads(text)
        written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        written.encode()
    except (ValueError, RecursionError):
        raise ValueError(_RULE) from None
    if not isinstance(value, dict) or _NUL.search(written):
        raise ValueError(_RULE)
    return written
