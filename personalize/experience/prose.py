"""L5: how does the text of a module become a page? The small part of Markdown that courses use."""

import re
from collections.abc import Iterator
from itertools import count

from django.utils.html import escape

from personalize.algorithms.retrieval.sentences import Block, blocks

Numbers = Iterator[int]


def html(text: str, *, places: bool = False) -> str:
    """Return safe HTML of paragraphs, "- " lists, indented code, `code` and **strong** words.

    With places, the n-th sentence can be pointed to as #sN, as answers do.
    """
    numbers = count(1) if places else None
    return "\n".join(_block(block, numbers) for block in blocks(text))


def phrase(text: str) -> str:
    """Return safe HTML of one sentence."""
    return _inline(text)


def _block(block: Block, numbers: Numbers | None) -> str:
    if block.kind == "code":
        return f"<pre><code>{escape(block.parts[0][0])}</code></pre>"
    parts = [" ".join(_sentence(one, numbers) for one in part) for part in block.parts]
    if block.kind == "list":
        return f"<ul>{''.join(f'<li>{part}</li>' for part in parts)}</ul>"
    return f"<p>{parts[0]}</p>"


def _sentence(text: str, numbers: Numbers | None) -> str:
    if numbers is None:
        return _inline(text)
    return f'<span id="s{next(numbers)}">{_inline(text)}</span>'


def _inline(text: str) -> str:
    pieces = re.split(r"`([^`]+)`", escape(text))  # odd ones stood between backticks
    return "".join(
        f"<code>{piece}</code>" if i % 2 else _strong(piece) for i, piece in enumerate(pieces)
    )


def _strong(text: str) -> str:
    return re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)
