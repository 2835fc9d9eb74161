"""What does an OpenID provider say of who signs in? (L5) Asked with PKCE, believed if right.

Discovery, state, nonce, PKCE and the exchange are Authlib's. Here is what is believed: a token of
the configured issuer, for this client, signed by a key of the provider with an asymmetric
algorithm. A key that is new is fetched when a token names it, and all are fetched anew every hour,
so that one the provider took back is not believed for longer.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from time import time
from typing import Any
from urllib.parse import urlencode

from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from joserfc.errors import JoseError
from requests import RequestException

from signals.api import sign_in
from signals.api.sign_in import Told

ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"})
TIMEOUT_S = 5
KNOWN_FOR_S = 3600
LEEWAY_S = 60  # between two clocks
LONGEST = 255  # characters of an id
FAILURES = (RequestException, OAuthError, JoseError, RuntimeError, ValueError, KeyError)


class ProviderError(Exception):
    """The provider did not answer, or not so that it can be believed."""


def configured() -> bool:
    """Say whether there is a provider at all."""
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID)


def ask(request: HttpRequest, back: str, *, again: bool = False) -> HttpResponse:
    """Lead a browser to the provider; `again` has it ask for the password even so."""
    wanted = {"prompt": "login", "max_age": "0"} if again else {}
    try:
        answer: HttpResponse = _client().authorize_redirect(request, back, **wanted)
    except FAILURES as error:
        raise ProviderError(type(error).__name__) from error
    return answer


def told(request: HttpRequest) -> tuple[Told, float]:
    """Return who came back from the provider, and when they proved it there (0 where not said).

    Raises ProviderError for whatever is not as it has to be.
    """
    client = _client()
    try:
        token = client.authorize_access_token(request, claims_options=_demanded(), leeway=LEEWAY_S)
        claims = dict(token["userinfo"])  # of the id token, checked; absent where there was none
        wanted = {settings.OIDC_LEARNER_CLAIM, settings.OIDC_ROLES_CLAIM} - {""}
        if wanted - claims.keys() and client.server_metadata.get("userinfo_endpoint"):
            more = dict(client.userinfo(token=token))
            if more.get("sub") != claims["sub"]:
                raise ProviderError("userinfo")
            claims = more | claims
    except FAILURES as error:
        raise ProviderError(type(error).__name__) from error
    proved = claims.get("auth_time", 0)
    return _told(claims), float(proved) if isinstance(proved, int | float) else 0.0


def way_out(back: str) -> str:
    """Return where a session at the provider is ended; empty where it has no such place."""
    try:
        place = str(_client().load_server_metadata().get("end_session_endpoint", ""))
    except (*FAILURES, ProviderError):
        return ""
    asked = urlencode({"client_id": settings.OIDC_CLIENT_ID, "post_logout_redirect_uri": back})
    return f"{place}{'&' if '?' in place else '?'}{asked}" if place else ""


def _told(claims: Mapping[str, Any]) -> Told:
    methods = claims.get("amr", ())
    return Told(
        issuer=settings.OIDC_ISSUER,
        subject=str(claims["sub"])[:LONGEST],
        learner=_learner(claims.get(settings.OIDC_LEARNER_CLAIM)),
        roles=sign_in.roles_told(
            _groups(claims.get(settings.OIDC_ROLES_CLAIM)), settings.OIDC_ROLES
        ),
        name=_text(claims.get("preferred_username")),
        first_name=_text(claims.get("given_name")),
        second_step=isinstance(methods, list)
        and not settings.OIDC_SECOND_STEP.isdisjoint(
            method for method in methods if isinstance(method, str)
        ),
    )


def _learner(said: object) -> str:
    """Return the platform's id; numbers are ids too, anything else is none."""
    if isinstance(said, bool) or not isinstance(said, str | int):
        return ""
    text = str(said)
    return text if 0 < len(text) <= LONGEST else ""


def _groups(said: object) -> Sequence[str]:
    """Return the groups of a claim, a list or one name; whatever else it is gives none."""
    if isinstance(said, str):
        return (said,)
    return [one for one in said if isinstance(one, str)] if isinstance(said, list) else ()


def _text(said: object) -> str:
    return said if isinstance(said, str) else ""


def _demanded() -> dict[str, dict[str, object]]:
    return {
        "iss": {"essential": True, "value": settings.OIDC_ISSUER},
        "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
        "sub": {"essential": True},
    }


def _client() -> Any:
    return _made(
        settings.OIDC_ISSUER,
        settings.OIDC_CLIENT_ID,
        settings.OIDC_CLIENT_SECRET,
        settings.OIDC_SCOPES,
        int(time() // KNOWN_FOR_S),
    )


@lru_cache(maxsize=1)
def _made(issuer: str, client_id: str, secret: str, scopes: str, _hour: int) -> Any:
    """Return a client that has read the provider's description of itself, and who it says it is."""
    client = OAuth().register(
        "school",
        client_id=client_id,
        client_secret=secret or None,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": scopes,
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_S,
            **({} if secret else {"token_endpoint_auth_method": "none"}),
        },
    )
    try:
        described = client.load_server_metadata()
    except FAILURES as error:
        raise ProviderError(type(error).__name__) from error
    if described.get("issuer") != issuer:
        raise ProviderError("issuer")
    offered = described.get("id_token_signing_alg_values_supported", ["RS256"])
    believed = [algorithm for algorithm in offered if algorithm in ASYMMETRIC]
    if not believed:  # none named would be read as the library's own choice, HS256 among them
        raise ProviderError("algorithms")
    described["id_token_signing_alg_values_supported"] = believed
    return client


forget = _made.cache_clear
