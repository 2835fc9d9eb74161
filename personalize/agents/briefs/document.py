"""How is a brief built so that no number in it can differ from its source? (L5, pure)

Text is made of words and figures. Words hold no digit; a figure is a value with the key of its
source, and is written by one function. So whatever number stands in a brief stands in its sources.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, Self

_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures come from: what was counted, the part of its page with it, as of when."""

    key: str
    title: str
    counted: str  # what the number is and how it is counted, in a sentence
    place: str  # the part of the page of its topic that shows it
    as_of: str  # a day, ISO; empty where it is always current

    @property
    def day(self) -> date | None:
        """Return the day it is of; None where it is always current."""
        return date.fromisoformat(self.as_of) if self.as_of else None


@dataclass(frozen=True, slots=True)
class Figure:
    """A value as it is written, with the key of its source; names with digits are figures too."""

    said: str
    source: str


Text = tuple[str | Figure, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A module: title, minutes, how it ends."""

    title: Text
    minutes: Figure
    ends_with: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a brief: a paragraph, points, or modules."""

    title: str
    paragraph: Text = ()
    points: tuple[Text, ...] = ()
    modules: tuple[Row, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A whole brief."""

    topic: str
    lead: Text
    facts: tuple[tuple[str, Figure], ...]
    sections: tuple[Section, ...]
    sources: Mapping[str, Source] = field(default_factory=dict)
    opening: str = ""  # written by a language model, checked; empty: the lead stands

    def texts(self) -> Iterable[Text]:
        """Yield every text of it."""
        yield self.lead
        for _title, figure in self.facts:
            yield (figure,)
        for section in self.sections:
            yield section.paragraph
            yield from section.points
            for row in section.modules:
                yield row.title
                yield (row.minutes,)

    def figures(self) -> tuple[Figure, ...]:
        """Return every figure of it."""
        return tuple(part for text in self.texts() for part in text if isinstance(part, Figure))

    def places(self) -> dict[str, int]:
        """Return the number of each source, from 1, by which print and text refer to it."""
        return {key: place for place, key in enumerate(self.sources, start=1)}

    def in_order(self) -> dict[str, Source]:
        """Return the sources as the text comes to them; a database keeps no order of keys."""
        met = dict.fromkeys(figure.source for figure in self.figures())
        return {key: self.sources[key] for key in met}

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return asdict(self)

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Return a brief from how it is stored. Raises ValueError where text and source differ."""
        document = cls(
            topic=told["topic"],
            lead=_text(told["lead"]),
            facts=tuple((title, Figure(**figure)) for title, figure in told["facts"]),
            sections=tuple(
                Section(
                    title=one["title"],
                    paragraph=_text(one["paragraph"]),
                    points=tuple(map(_text, one["points"])),
                    modules=tuple(
                        Row(_text(row["title"]), Figure(**row["minutes"]), row["ends_with"])
                        for row in one["modules"]
                    ),
                    note=one["note"],
                )
                for one in told["sections"]
            ),
            sources={key: Source(**source) for key, source in told["sources"].items()},
            opening=told["opening"],
        )
        check(document)
        return replace(document, sources=document.in_order())


def check(document: Document) -> None:
    """Raise ValueError for a digit outside a figure, or a figure without its source."""
    loose = [
        part
        for text in document.texts()
        for part in text
        if isinstance(part, str) and _DIGIT.search(part)
    ]
    loose += [s.title for s in document.sections if _DIGIT.search(s.title + s.note)]
    if loose:
        raise ValueError(f"A number stands outside a figure: {loose[0]!r}.")
    missing = {figure.source for figure in document.figures()} - set(document.sources)
    if missing:
        raise ValueError(f"No source is given for {sorted(missing)}.")
    if document.opening and not says_only(document.opening, document.figures()):
        raise ValueError("The opening says a number that no source has.")


def numbers(text: str) -> tuple[str, ...]:
    """Return the numbers of a text as they are written."""
    return tuple(_NUMBER.findall(text))


def says_only(text: str, figures: Sequence[Figure]) -> bool:
    """Say whether every number of a text is one of the figures, written alike."""
    allowed = {number for figure in figures for number in numbers(figure.said)}
    return set(numbers(text)) <= allowed


def plain(text: Text) -> str:
    """Return a text as words."""
    return "".join(part if isinstance(part, str) else part.said for part in text)


def named(name: str, source: str) -> str | Figure:
    """Return a name as text, as a figure where it has a digit in it."""
    return Figure(name, source) if _DIGIT.search(name) else name


def as_markdown(document: Document) -> str:
    """Return a brief as Markdown, each figure with a footnote that says where it comes from."""
    places = document.places()

    def noted(text: Text) -> str:
        return "".join(
            part if isinstance(part, str) else f"{part.said}[^{places[part.source]}]"
            for part in text
        )

    lines = [f"# {document.topic}", "", document.opening or noted(document.lead), ""]
    lines += [f"- {title}: {noted((figure,))}" for title, figure in document.facts]
    for section in document.sections:
        lines += ["", f"## {section.title}", ""]
        lines += [noted(section.paragraph)] if section.paragraph else []
        lines += [f"- {noted(point)}" for point in section.points]
        lines += [
            f"- {noted(row.title)} (minutes: {noted((row.minutes,))}), ends with: {row.ends_with}"
            for row in section.modules
        ]
        lines += [section.note] if section.note else []
    lines += ["", "## Sources", ""]
    lines += [f"[^{places[key]}]: {_sourced(source)}" for key, source in document.sources.items()]
    return "\n".join(lines) + "\n"


def _sourced(source: Source) -> str:
    day = source.day
    as_of = f" As of {day.day} {day:%B %Y}." if day else ""
    return f"{source.title}: {source.counted}{as_of}"


def _text(told: Sequence[str | Mapping[str, str]]) -> Text:
    return tuple(part if isinstance(part, str) else Figure(**part) for part in told)
