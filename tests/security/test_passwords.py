"""Which passwords are taken, and how are they kept and typed? (ASVS 5.0, V6.2)."""

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from signals.models import Account
from signals.privacy.own_words import WORDS
from tests.factories import new_learner

LEAST_ITERATIONS = 600_000  # OWASP's, for PBKDF2 with SHA-256


@pytest.mark.parametrize(
    "password",
    ["short one 1", "administrator", "Northway-2026", "northwaynorthway", "adminadmin123"]
    + [f"{word}-{word}-1" for word in WORDS],
)
def test_what_everybody_would_try_first_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "aaaa bbbb cccc d", "Ünïcödé wörds ☃", "x1" * 32, "é" * 200],
)
def test_long_ones_of_any_characters_are_taken(password: str) -> None:
    validate_password(password)


@pytest.mark.django_db
@pytest.mark.parametrize("password", [" Two ends kept ", "CaSe is kept, too", "z" * 64 + "Y"])
def test_a_password_counts_exactly_as_it_was_typed(password: str) -> None:
    Account.objects.create_user("ada", password=password, learner_id=new_learner("ada"))

    def opens(said: str) -> bool:
        return Client().post("/signin/", {"username": "ada", "password": said}).status_code == 302

    assert opens(password)
    assert not any(map(opens, {password.strip(), password.lower(), password[:64]} - {password}))


@pytest.mark.django_db
def test_the_field_is_masked_and_left_to_password_managers(client: Client) -> None:
    page = " ".join(client.get("/signin/").content.decode().split())
    field = page[: page.index('autocomplete="current-password"')].rpartition("<input")[2]
    assert 'type="password"' in field
    assert "onpaste" not in page
    assert "maxlength" not in field


def test_they_are_hashed_slowly() -> None:
    assert PBKDF2PasswordHasher.iterations >= LEAST_ITERATIONS
    assert PBKDF2PasswordHasher.algorithm == "pbkdf2_sha256"
