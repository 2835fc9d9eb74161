"""Which texts do learners read, and how do they come into another language? Read from the sources.

The texts are those that code and templates mark for translation; the tower and the pages for
developers are English. One file a language, `locale/*/LC_MESSAGES/django.po`, holds them beside
their translations, for translators and their programs; `django.mo` beside it is made of it.
`manage.py update_texts` brings both up to date and needs no tools of GNU gettext.
"""

import ast
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

PLACES = (
    "personalize/decision",
    "personalize/experience",
    "personalize/templatetags",
    "signals/privacy",
    "templates/experience",
    "templates/mail",
    "templates/parts",
    "templates/registration",
)
PAGES = ("base", "page", "403", "403_csrf", "404", "500", "503")  # templates of their own
FOR_DEVELOPERS = frozenset({"contract.py", "contract.html", "schema.py"})
FOR_STAFF = frozenset(
    f"{name}.py"
    for name in ("foresight", "objectives", "rankers", "replay", "replayed", "review", "targets")
)
ONE = frozenset({"gettext", "gettext_lazy", "gettext_noop", "_"})
TWO = frozenset({"ngettext", "ngettext_lazy"})
HEAD = (
    "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n"
    "MIME-Version: 1.0\nPlural-Forms: nplurals={}; plural={};\n"
)
TWO_FORMS = (2, "(n != 1)")
PLURALS = {  # how many forms a language has, and which one a number takes (Unicode CLDR)
    "ar": (
        6,
        "(n == 0 ? 0 : n == 1 ? 1 : n == 2 ? 2 : n%100 >= 3 && n%100 <= 10 ? 3"
        " : n%100 >= 11 ? 4 : 5)",
    ),
}
LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"\b(n?gettext|_)\(\s*({LITERAL})(?:\s*,\s*({LITERAL}))?")
ENTRY = re.compile(r'^(msgid|msgid_plural|msgstr|msgstr\[\d\])\s+(".*")$')
MO_MAGIC = 0x950412DE


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """A text as it stands in a source; plural is "" where it has one form."""

    one: str
    many: str = ""

    def forms(self, language: str) -> int:
        """Return how many translations it needs in a language."""
        return PLURALS.get(language, TWO_FORMS)[0] if self.many else 1


Translations = Mapping[Text, tuple[str, ...]]


def texts(root: Path | None = None) -> tuple[Text, ...]:
    """Return every text that learners read, in the order of its first source."""
    root = root or Path(settings.BASE_DIR)
    found = (text for path in sources(root) for text in _of(path))
    return tuple(dict.fromkeys(found))


def file_of(language: str) -> Path:
    """Return the file of a language that translators work on."""
    folder = Path(settings.BASE_DIR) / "locale" / language / "LC_MESSAGES"
    return folder / "django.po"


def sources(root: Path) -> Iterator[Path]:
    """Yield the files that hold texts for learners."""
    for place in PLACES:
        for path in sorted((root / place).rglob("*")):
            named = path.suffix in {".py", ".html", ".txt"}
            if named and path.name not in FOR_DEVELOPERS | FOR_STAFF:
                yield path
    yield from (root / "templates" / f"{name}.html" for name in PAGES)


def _of(path: Path) -> Iterator[Text]:
    source = path.read_text(encoding="utf-8")
    return _of_code(source) if path.suffix == ".py" else _of_template(source)


def _of_code(source: str) -> Iterator[Text]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            said = [each.value for each in node.args[:2] if isinstance(each, ast.Constant)]
            if node.func.id in ONE and said:
                yield Text(str(said[0]))
            elif node.func.id in TWO and len(said) == 2:
                yield Text(*map(str, said))


def _of_template(source: str) -> Iterator[Text]:
    for name, one, many in CALL.findall(templatize(source)):
        said = [ast.literal_eval(each.removeprefix("u")) for each in (one, many) if each]
        yield Text(*said) if name == "ngettext" else Text(said[0])


def read(path: Path) -> dict[Text, tuple[str, ...]]:
    """Read the file of a language; a text that waits for its translation has ""."""
    return parsed(path.read_text(encoding="utf-8"))


def parsed(content: str) -> dict[Text, tuple[str, ...]]:
    """Return what a file says, as we or translators' programs write it."""
    found: dict[Text, tuple[str, ...]] = {}
    entry: dict[str, str] = {}
    last = ""
    for line in (*content.split("\n"), 'msgid ""'):
        begun = ENTRY.match(line.strip())
        if begun and begun[1] == "msgid" and "msgid" in entry:
            _keep(entry, found)
            entry = {}
        if begun:
            last = begun[1]
            entry[last] = ast.literal_eval(begun[2])
        elif line.startswith('"'):
            entry[last] += ast.literal_eval(line)
    return found


def _keep(entry: Mapping[str, str], found: dict[Text, tuple[str, ...]]) -> None:
    if not entry["msgid"]:
        return
    text = Text(entry["msgid"], entry.get("msgid_plural", ""))
    found[text] = tuple(entry[name] for name in sorted(entry) if name.startswith("msgstr"))


def head(language: str) -> str:
    """Return what a file says of itself: how it is written, and how its language counts."""
    return HEAD.format(*PLURALS.get(language, TWO_FORMS))


def written(wanted: Iterable[Text], known: Translations, language: str) -> str:
    """Return the file of a language: every text with its translation, empty where there is none."""
    blocks = [f'msgid ""\nmsgstr ""\n{_lines(head(language))}']
    for text in wanted:
        told = known.get(text, ("",) * text.forms(language))
        block = [f"msgid {_quoted(text.one)}"]
        if text.many:
            block.append(f"msgid_plural {_quoted(text.many)}")
            block += [f"msgstr[{n}] {_quoted(form)}" for n, form in enumerate(told)]
        else:
            block.append(f"msgstr {_quoted(told[0])}")
        blocks.append("\n".join(block))
    return "\n\n".join(blocks) + "\n"


def _lines(said: str) -> str:
    return "\n".join(_quoted(line) for line in said.splitlines(keepends=True))


def _quoted(said: str) -> str:
    for char, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t")):
        said = said.replace(char, escaped)
    return f'"{said}"'


def compiled(known: Translations, language: str) -> bytes:
    """Return what gettext reads, with every text that is translated (the format of GNU gettext)."""
    pairs = {"": head(language)} | {
        "\0".join(filter(None, (text.one, text.many))): "\0".join(told)
        for text, told in known.items()
        if all(told)
    }
    rows = sorted((key.encode(), told.encode()) for key, told in pairs.items())
    keys, values = ([row[at] for row in rows] for at in (0, 1))
    at = 7 * 4
    start = at + 16 * len(rows)
    tables, data = b"", b""
    for side in (keys, values):
        for said in side:
            tables += struct.pack("<II", len(said), start + len(data))
            data += said + b"\0"
    begin = struct.pack("<7I", MO_MAGIC, 0, len(rows), at, at + 8 * len(rows), 0, 0)
    return begin + tables + data
