"""L1: what does a cell of a catalogue mean? Lists, levels, languages, durations, plain names."""

import re
from ast import literal_eval

LONGEST_SKILL = 120
MOST_SKILLS = 60  # of one course; a page cannot show more, and the first are the most telling

LEVELS = {
    "beginner": "beginner",
    "introductory": "beginner",
    "basic": "beginner",
    "principiante": "beginner",
    "intermediate": "intermediate",
    "intermedio": "intermediate",
    "advanced": "advanced",
    "expert": "advanced",
    "esperto": "advanced",
}
LANGUAGES = {
    "arabic": "ar",
    "chinese": "zh",
    "dutch": "nl",
    "english": "en",
    "french": "fr",
    "german": "de",
    "greek": "el",
    "hebrew": "he",
    "hindi": "hi",
    "hungarian": "hu",
    "indonesian": "id",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "persian": "fa",
    "polish": "pl",
    "portuguese": "pt",
    "romanian": "ro",
    "russian": "ru",
    "spanish": "es",
    "swedish": "sv",
    "thai": "th",
    "turkish": "tr",
    "ukrainian": "uk",
    "vietnamese": "vi",
}
FORMATS = {"video", "article", "exercise", "quiz"}
_CODE = re.compile(r"[a-z]{2,3}([-_][a-z0-9]{2,8})*", re.IGNORECASE)
_DURATION = re.compile(r"(\d+(?:\.\d+)?|one)\s*(hour|minute|h\b|min|m\b)", re.IGNORECASE)
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ABBREVIATIONS = {"it": "IT"}


def parts(cell: str) -> list[str]:
    """Return the parts of a list cell: a;b, a|b, ["a", "b"], or the cell alone."""
    text = cell.strip()
    if text.startswith("[") and text.endswith("]"):
        try:
            found = literal_eval(text)
        except (ValueError, SyntaxError):
            found = [text.strip("[]")]
        pieces = [str(piece) for piece in found]
    else:
        pieces = re.split(r"[;|]", text)
    return [piece.strip() for piece in pieces if piece.strip()]


def plain_name(name: str) -> str:
    """Return `it-and-software` as `IT and software`; any other name as it is."""
    if not _SLUG.fullmatch(name):
        return name
    words = [_ABBREVIATIONS.get(word, word) for word in name.split("-")]
    return words[0][:1].upper() + " ".join(words)[1:]


def title_of(cell: str, course: str) -> str:
    """Return a title with a capital, or a plain one from the id where there is none."""
    title = " ".join(cell.split())
    if not title:
        return f"Course {course}"
    return title[:1].upper() + title[1:] if title.islower() else title


def field_of(cell: str) -> tuple[str, list[str]]:
    """Return the field and what stands below it: `development|web-development`."""
    names = [plain_name(name) for name in parts(cell)]
    return (names[0][:120], names[1:]) if names else ("", [])


def level_of(cell: str) -> str:
    """Return beginner, intermediate, advanced, or nothing where none is stated."""
    return LEVELS.get(cell.strip().lower().split(" ")[0], "")


def language_of(cell: str) -> str:
    """Return an ISO code where the language is known by name or code."""
    text = cell.strip()
    known = LANGUAGES.get(text.lower().split(" ")[0].strip("(),"))
    if known:
        return known
    return text.lower()[:12] if _CODE.fullmatch(text) else ""


def minutes_of(cell: str) -> int:
    """Return minutes from `90`, `Approx. 14 hours to complete` or `one hour`; 0 when unknown."""
    text = cell.strip()
    try:
        return max(0, round(float(text)))
    except ValueError:
        pass
    found = _DURATION.search(text)
    if found is None:
        return 0
    amount = 1.0 if found[1].lower() == "one" else float(found[1])
    return round(amount * (60 if found[2].lower().startswith("h") else 1))


def format_of(cell: str) -> str:
    """Return how a module teaches, or nothing where it is not one of ours."""
    text = cell.strip().lower()
    return text if text in FORMATS else ""


def skills_of(cell: str, more: list[str]) -> list[str]:
    """Return distinct skills, at most 60, each short enough to show."""
    names = (" ".join(name.split())[:LONGEST_SKILL] for name in [*parts(cell), *more])
    return list(dict.fromkeys(name for name in names if name))[:MOST_SKILLS]
