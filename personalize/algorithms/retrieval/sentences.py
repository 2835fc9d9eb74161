"""Where does a sentence of a lesson begin and end? (L3, pure) The places that answers point to.

A lesson is written in the small part of Markdown that courses use: paragraphs, "- " lists and
indented code. Its sentences are numbered from 1 in reading order; code has none, but belongs to
the sentence before it, which is what a reader is sent to.
"""

import re
from dataclasses import dataclass
from itertools import groupby
from textwrap import dedent

INDENT = "    "  # code, as in Markdown
_SHORT = """e.g i.e etc vs dr mr mrs ms prof st fig approx ca cf al jr sr inc z.b d.h u.a bzw usw nr
evtl ggf vgl str abs p.ej sra pág dra núm aprox"""
SHORT = frozenset(_SHORT.split())
_END = re.compile(r"(?<=[.!?؟。…])[\"'\u201d\u2019»)\]]*\s+(?=[\"'\u201c\u2018«(\[¿¡`*]*[^\W_])")
_LAST_WORD = re.compile(r"([\w.]+)\.[\"'\u201d\u2019»)\]]*$")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a lesson: a paragraph, a list with one entry an item, or code."""

    kind: str  # "text", "list" or "code"
    parts: tuple[tuple[str, ...], ...]  # sentences of the paragraph, or of each entry; code whole


def blocks(text: str) -> tuple[Block, ...]:
    """Return the blocks of a lesson in order; neighbouring blocks of code are one."""
    cleaned = text.replace("\r\n", "\n").strip("\n")
    chunks = [chunk.strip("\n") for chunk in re.split(r"\n\s*\n", cleaned) if chunk.strip()]
    found: list[Block] = []
    for is_code, group in groupby(chunks, key=lambda chunk: chunk.startswith(INDENT)):
        if is_code:
            code = "\n\n".join(dedent(chunk) for chunk in group)
            found.append(Block("code", ((code,),)))
        else:
            found += [_block(chunk) for chunk in group]
    return tuple(found)


def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a lesson, marks and all; the n-th stands at place n."""
    return tuple(
        sentence
        for block in blocks(text)
        if block.kind != "code"
        for part in block.parts
        for sentence in part
    )


def split(text: str) -> tuple[str, ...]:
    """Return the sentences of one paragraph, none for an empty one."""
    pieces: list[str] = []
    start = 0
    for end in _END.finditer(text):
        piece = text[start : end.end()].rstrip()
        if _goes_on(piece, text[end.end() :]):
            continue
        pieces.append(piece)
        start = end.end()
    rest = text[start:].strip()
    return (*pieces, rest) if rest else tuple(pieces)


def _block(chunk: str) -> Block:
    lines = [line.strip() for line in chunk.split("\n")]
    if all(line.startswith("- ") for line in lines):
        return Block("list", tuple(split(line[2:].strip()) for line in lines))
    return Block("text", (split(" ".join(lines)),))


def _goes_on(piece: str, rest: str) -> bool:
    """Say whether what looks like an end is none: an abbreviation, an initial, code."""
    if piece.count("`") % 2 or piece.count("**") % 2:
        return True
    if rest[:1].islower() and piece[-1] in ".…":
        return True
    last = _LAST_WORD.search(piece)
    if last is None:
        return False
    word = last.group(1)
    return word.lower() in SHORT or (len(word) == 1 and word.isalpha() and word.isupper())
