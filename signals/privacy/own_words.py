"""L1: which passwords say what everybody would try first? Words of this product, and a tail."""

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from signals.models import Account

# As docs/security.md lists them: of the product, its roles and what people do here.
WORDS = (
    "northway",
    "password",
    "passwort",
    "contraseña",
    "administrator",
    "admin",
    "merchandiser",
    "analyst",
    "experimenter",
    "creator",
    "privacy",
    "learner",
    "welcome",
    "course",
    "school",
    "secret",
    "signin",
    "login",
)
LEFT_LEAST = 8  # characters that are none of these words


class OwnWords(CommonPasswordValidator):
    """Refuses what is such words with a few characters around them, as too common."""

    def validate(self, password: str, user: Account | None = None) -> None:
        """Raise ValidationError for what is refused."""
        left = password.casefold().strip()
        for word in WORDS:
            left = left.replace(word, "")
        if len(left) < min(LEFT_LEAST, len(password)):
            raise ValidationError(self.get_error_message(), code="password_too_common")
        super().validate(password, user)
