"""L5: how does the text of a module become a page? The small part of Markdown that courses use."""

import re
from collections.abc import Iterator
from itertools import groupby
from textwrap import dedent

from django.utils.html import escape

INDENT = "    "  # code, as in Markdown


def html(text: str) -> str:
    """Return safe HTML of paragraphs, "- " lists, indented code, `code` and **strong** words."""
    return "\n".join(_blocks(text.replace("\r\n", "\n").strip("\n")))


def _blocks(text: str) -> Iterator[str]:
    chunks = [chunk.strip("\n") for chunk in re.split(r"\n\s*\n", text) if chunk.strip()]
    for is_code, group in groupby(chunks, key=lambda chunk: chunk.startswith(INDENT)):
        if is_code:
            code = "\n\n".join(dedent(chunk) for chunk in group)
            yield f"<pre><code>{escape(code)}</code></pre>"
        else:
            yield from (_block(chunk) for chunk in group)


def _block(chunk: str) -> str:
    lines = [line.strip() for line in chunk.split("\n")]
    if all(line.startswith("- ") for line in lines):
        entries = "".join(f"<li>{_inline(line[2:])}</li>" for line in lines)
        return f"<ul>{entries}</ul>"
    return f"<p>{_inline(' '.join(lines))}</p>"


def _inline(text: str) -> str:
    pieces = re.split(r"`([^`]+)`", escape(text))  # odd ones stood between backticks
    return "".join(
        f"<code>{piece}</code>" if i % 2 else _strong(piece) for i, piece in enumerate(pieces)
    )


def _strong(text: str) -> str:
    return re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)
