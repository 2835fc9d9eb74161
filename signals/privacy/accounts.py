"""L1 and L2: who can read what an account is called? Who holds the data key of its learner."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
from django.contrib.auth import get_user_model
from django.db import DatabaseError, InterfaceError

from signals import sealing
from signals.models import names

if TYPE_CHECKING:
    from django.http import HttpRequest

USE, GREETING = "account", "greeting"
STAFF = 0  # the number under which names of nobody's learner are sealed


class Sealer:
    """Hashes names under a key of the product, and seals them under a learner's."""

    def hide(self, name: str) -> str:
        """Return the keyed hash of a name."""
        return sealing.account_name(name)

    def close(self, learner_id: int | None, names: Mapping[str, str]) -> bytes:
        """Return names sealed; KeyGoneError where the learner was erased."""
        said = msgspec.json.encode(names)
        if learner_id is None:
            return sealing.seal_with(sealing.staff_cipher(), STAFF, said, use=USE)
        return sealing.seal(learner_id, said, use=USE)

    def open(self, learner_id: int | None, sealed: bytes) -> Mapping[str, str]:
        """Return what was sealed; nothing where its key is gone."""
        if not sealed:
            return {}
        try:
            if learner_id is None:
                said = sealing.open_with(sealing.staff_cipher(), STAFF, sealed, use=USE)
            else:
                said = sealing.unseal(learner_id, sealed, use=USE)
        except sealing.KeyGoneError:
            return {}
        return msgspec.json.decode(said, type=dict[str, str])


def register() -> None:
    """Let accounts be hashed and sealed so."""
    names.use(Sealer())


def name_tried(request: "HttpRequest | None", credentials: Mapping[str, str] | None) -> str:
    """Return what stands for the name of an attempt to sign in, for what counts the failed."""
    said = (credentials or {}).get("username") or (request.POST.get("username") if request else "")
    name = get_user_model().normalize_username(said or "")
    return name if names.is_keyed(name) else names.keyed(name)


def seal_name(learner_id: int, name: str) -> str:
    """Return what a session may keep of a learner's name; empty where they were just erased."""
    try:
        sealed = sealing.seal(learner_id, name.encode(), use=GREETING)
    except sealing.KeyGoneError:
        return ""
    return b64encode(sealed).decode()


def open_name(learner_id: int, sealed: str) -> str:
    """Return a name `seal_name` closed; empty where its key is gone, or cannot be read now."""
    try:
        return sealing.unseal(learner_id, b64decode(sealed), use=GREETING).decode()
    except (sealing.KeyGoneError, DatabaseError, InterfaceError, ValueError):
        return ""
