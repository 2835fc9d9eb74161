"""L1: how is what an account is called kept? Under a keyed hash, and sealed beside it.

The name signed in with is a column of keyed hashes: it is found, and not read. What the account is
called stands in `sealed`, and is opened when it is asked for. How to hash and seal, which needs
keys, `signals.privacy.accounts` says.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from django.db import models

if TYPE_CHECKING:
    CharBase = models.CharField[str, str]
    EmailBase = models.EmailField[str, str]
else:  # Django's classes take no parameter at run time
    CharBase, EmailBase = models.CharField, models.EmailField

NAMES = ("username", "first_name", "last_name", "email")
_KEYED = re.compile(r"~[0-9a-f]{64}")  # no name may begin with such a sign


class Box(Protocol):
    """What hashes, seals and opens names."""

    def hide(self, name: str) -> str:
        """Return the keyed hash of a name, in 64 hexadecimal digits."""

    def close(self, learner_id: int | None, names: Mapping[str, str]) -> bytes:
        """Return names sealed for a learner, or for the product where it is nobody's."""

    def open(self, learner_id: int | None, sealed: bytes) -> Mapping[str, str]:
        """Return what was sealed; nothing where its key is gone."""


_boxes: list[Box] = []


def use(box: Box) -> None:
    """Hash and seal by this box from now on."""
    _boxes[:] = [box]


def box() -> Box:
    """Return the box in use."""
    return _boxes[0]


class _Opened:
    """A name of an account: opens what is sealed when somebody asks, or writes."""

    def __init__(self, field: Any) -> None:
        self.field = field

    def __get__(self, row: Any, _owner: object = None) -> Any:
        if row is None:
            return self
        _open(row)
        return row.__dict__.get(self.field.attname, "")

    def __set__(self, row: Any, value: object) -> None:
        _open(row)
        row.__dict__[self.field.attname] = value


def _open(row: Any) -> None:
    if row.__dict__.get("names_closed"):
        row.open_names()


class SealedName(CharBase):
    """A part of a name, which stands in `sealed`: its own column is empty."""

    descriptor_class = _Opened

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Store nothing."""
        return ""


class SealedMail(EmailBase):
    """An address, which stands in `sealed`: its own column is empty."""

    descriptor_class = _Opened

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Store nothing."""
        return ""


class KeyedName(CharBase):
    """The name somebody signs in with: a keyed hash to the database, in questions too."""

    descriptor_class = _Opened

    def get_prep_value(self, value: Any) -> Any:
        """Return the hash of a name; a hash is one already."""
        text = super().get_prep_value(value)
        if not isinstance(text, str) or is_keyed(text):
            return text
        return keyed(text)


def is_keyed(text: str) -> bool:
    """Say whether a text is what stands for a name in the database."""
    return _KEYED.fullmatch(text) is not None


def keyed(name: str) -> str:
    """Return what stands for a name in the database."""
    return f"~{box().hide(name)}"
