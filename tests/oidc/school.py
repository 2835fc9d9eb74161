"""An OpenID provider to sign in at: Django OAuth Toolkit in a process of its own, on loopback.

`python -m tests.oidc.school` prints its address. POST /control tells it who sits at the browser,
what it says of them, and what to do wrong: everything else is the library's own doing.
"""

import json
import sys
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

CLIENT, SECRET = "northway", "a secret of the school's"
STATE: dict[str, Any] = {}
OAUTH: dict[str, Any] = {}


def _fresh() -> dict[str, Any]:
    return {"who": "sam", "claims": {}, "spoil": {}, "userinfo": {}, "forged": False}


def _key() -> str:
    key = generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode()


def _configure(port: int) -> None:
    OAUTH.update(
        {
            "OIDC_ENABLED": True,
            "OIDC_ISS_ENDPOINT": f"http://127.0.0.1:{port}/o",
            "OIDC_RSA_PRIVATE_KEY": _key(),
            "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
            "OAUTH2_VALIDATOR_CLASS": "tests.oidc.claims.Says",
            "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "who", "profile": "what they are called"},
        }
    )
    settings.configure(
        SECRET_KEY="of a throw-away provider",
        DEBUG=False,
        DEBUG_PROPAGATE_EXCEPTIONS=True,  # into what pytest shows of this process
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": "file:school?mode=memory&cache=shared",
                "OPTIONS": {"uri": True},
            }
        },
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIGRATION_MODULES=dict.fromkeys(("auth", "contenttypes", "sessions", "oauth2_provider")),
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
        ],
        SESSION_COOKIE_NAME="school",
        LOGIN_URL="/login/",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        OAUTH2_PROVIDER=OAUTH,
    )
    django.setup()


def _login(request: Any) -> Any:
    from django.contrib.auth import get_user_model, login
    from django.shortcuts import redirect

    user, _ = get_user_model().objects.get_or_create(username=STATE["who"])
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(request.GET["next"])


def _control(request: Any) -> Any:
    from django.http import HttpResponse
    from oauth2_provider.settings import oauth2_settings

    said = json.loads(request.body)
    if said.pop("rotate", False):
        OAUTH["OIDC_RSA_PRIVATE_KEY"] = _key()
        oauth2_settings.reload()
    STATE.clear()
    STATE.update(_fresh() | said)
    return HttpResponse("done")


def _keys(request: Any) -> Any:
    """Publish the library's keys; where a token is to look forged, another key under their name."""
    from django.http import JsonResponse
    from jwcrypto import jwk
    from oauth2_provider.views import JwksInfoView

    answer = JwksInfoView.as_view()(request)
    if not STATE["forged"]:
        return answer
    names = [key["kid"] for key in json.loads(answer.content)["keys"]]
    other = jwk.JWK.generate(kty="RSA", size=2048)
    public = json.loads(other.export_public())
    return JsonResponse({"keys": [public | {"kid": name, "use": "sig"} for name in names]})


def _serve() -> None:
    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = make_server("127.0.0.1", 0, lambda *_: [], Server, Quiet)
    port = server.server_address[1]
    _configure(port)
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.db import connection
    from oauth2_provider.models import get_application_model

    connection.ensure_connection()  # held open: the database lives as long as somebody looks
    call_command("migrate", run_syncdb=True, verbosity=0)
    get_application_model().objects.create(
        client_id=CLIENT,
        client_secret=SECRET,
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris="http://testserver/signin/school/back/",
        post_logout_redirect_uris="http://testserver/signin/",
        algorithm="RS256",
        skip_authorization=True,
    )
    STATE.update(_fresh())
    globals()["urlpatterns"] = _patterns()
    server.set_app(get_wsgi_application())
    print(port, flush=True)
    server.serve_forever()


def _patterns() -> list[Any]:
    from django.urls import include, path

    return [
        path("o/.well-known/jwks.json", _keys),
        path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
        path("login/", _login),
        path("control", _control),
    ]


if __name__ == "__main__":
    sys.modules["tests.oidc.school"] = sys.modules["__main__"]
    _serve()
