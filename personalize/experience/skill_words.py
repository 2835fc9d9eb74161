"""How is the name of a skill written? Catalogues keep it in lower case, people read SQL (L5)."""

import re
from types import MappingProxyType

WRITTEN = MappingProxyType(
    {
        word.lower(): word
        # none that is also a common word, as "it" and "polish" are
        for word in (  # noqa: SIM905  words to read, not a table
            "AI API APIs AWS CAD CPR CSS CSV DNA Docker Excel GDPR Git HTML HTTP HTTPS Java "
            "JavaScript JSON Kubernetes Linux NumPy PDF PHP PowerPoint Python R SEO SQL "
            "TypeScript UI Unix UX XML YAML Arabic Chinese Dutch English French German Greek "
            "Italian Japanese Korean Portuguese Russian Spanish Turkish"
        ).split()
    }
)
_WORD = re.compile(r"[^\W_]+")


def in_a_sentence(skill: str) -> str:
    """Return a skill as it stands inside a sentence: "sql" as SQL, "pivot tables" as it is.

    A name that the catalogue writes with a capital is left as it is.
    """
    if skill != skill.lower():
        return skill
    return _WORD.sub(lambda found: WRITTEN.get(found[0], found[0]), skill)


def as_a_name(skill: str) -> str:
    """Return a skill as it stands alone: "pivot tables" as Pivot tables."""
    said = in_a_sentence(skill)
    first = said.split(" ")[0]
    return said if first != first.lower() else said[:1].upper() + said[1:]
