"""How is a marked sentence said in the language of this request? (L4) Translated once a language.

Django's gettext costs microseconds, and a list says the same few sentences dozens of times.
"""

from django.utils.translation import get_language, gettext


class Book(dict[str, str]):
    """Marked sentences and their translations; what is missing is translated when first said."""

    def __missing__(self, sentence: str) -> str:
        """Translate into the active language, which is this book's."""
        self[sentence] = said = gettext(sentence)
        return said


_books: dict[str | None, Book] = {}


def book() -> Book:
    """Return the book of the active language."""
    language = get_language()
    found = _books.get(language)
    if found is None:
        found = _books[language] = Book()
    return found
