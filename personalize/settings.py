"""The one settings module: typed environment readers that fail loudly, no inheritance.

Local mode (no DATABASE_URL): DEBUG on, embedded servers, secrets generated under var/.
Anything else is a deployment: every secret comes from the environment or from NAME_FILE.
"""

import os
import secrets
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from personalize import local

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = local.VAR


def env(name: str, default: str | None = None) -> str:
    """Return NAME, or the content of the file NAME_FILE points to; raise when neither is set."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        return Path(path).read_text(encoding="utf-8").strip()
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(
            f"{name} is not set. Set {name} or {name}_FILE; see docs/configuration.md."
        )
    return value


def env_bool(name: str, *, default: bool) -> bool:
    """Return NAME as a boolean; only 1/0, true/false, yes/no, on/off are understood."""
    raw = os.environ.get(name, "").strip().lower()
    if not raw:
        return default
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {raw!r}; say 1 or 0.")


def env_list(name: str, default: str = "") -> list[str]:
    """Return NAME split at commas."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def env_choice(name: str, choices: tuple[str, ...], default: str) -> str:
    """Return NAME, which is one of these."""
    value = os.environ.get(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}; say {' or '.join(choices)}.")
    return value


def env_roles(name: str) -> dict[str, str]:
    """Return NAME as role by group of a provider: "staff-data:analyst,staff-web:merchandiser"."""
    pairs = [part.rpartition(":") for part in env_list(name)]
    for group, _, role in pairs:
        if not group.strip() or not role.strip():
            raise ImproperlyConfigured(f"{name} holds pairs like group:role, separated by commas.")
    return {group.strip(): role.strip() for group, _, role in pairs}


def env_proxies(name: str) -> int | tuple[IPv4Network | IPv6Network, ...]:
    """Return NAME as how many proxies stand before us, or as the networks they stand in."""
    said = env_list(name)
    if len(said) == 1 and said[0].isdecimal():
        return int(said[0])
    try:
        return tuple(ip_network(part) for part in said)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} is {','.join(said)!r}; say how many proxies stand before Northway, like 1,"
            " or their networks, like 10.0.0.0/8,192.168.7.4/32."
        ) from error


def local_secret(name: str) -> str:
    """Return a secret for local mode, made once and kept under var/secrets (0600)."""
    path = VAR / "secrets" / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8")
    value = secrets.token_urlsafe(48)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(value)
    return value


# Web processes set it (wsgi.py), so that a hung database frees its threads; imports and training
# may take as long as they need.
STATEMENT_MS = int(os.environ.get("STATEMENT_TIMEOUT_MS", "0"))
# Web processes set it as well: how long what was sent may stay unanswered by the machine of the
# database, which says so even while the database is busy. Who is cut off finds out by it.
SILENT_MS = int(os.environ.get("TCP_USER_TIMEOUT_MS", "5000"))
# Migrations set it (manage.py): one that waits for a table holds up everybody behind it.
LOCK_MS = int(os.environ.get("LOCK_TIMEOUT_MS", "0"))
# Connections a process keeps of each database; 0 keeps none, for who has a pooler of their own.
POOL_MOST = int(os.environ.get("DATABASE_POOL", "12"))
# Attempts to connect come ever later, so a long series is given up: the next who asks begins anew,
# and a database that is back is used within seconds.
POOL = {"min_size": 1, "max_size": POOL_MOST, "timeout": 2, "reconnect_timeout": 4}


def _session_options() -> str:
    limits = {"statement_timeout": STATEMENT_MS, "lock_timeout": LOCK_MS}
    return " ".join(f"-c {name}={ms}" for name, ms in limits.items() if ms)


def database(url: str) -> dict[str, object]:
    """Turn postgresql://user:password@host:port/name?host=/socket/dir into a DATABASES entry."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or len(parts.path) < 2:
        raise ImproperlyConfigured(
            f"A database URL looks like postgresql://user:password@host/name, not {parts.scheme}://"
        )
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = query.pop("host", unquote(parts.hostname or ""))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": {
            "pool": POOL_MOST > 0 and POOL,
            "connect_timeout": 3,
            "tcp_user_timeout": SILENT_MS,
            **({"options": said} if (said := _session_options()) else {}),
            **query,
        },
        "CONN_HEALTH_CHECKS": False,
    }


DEBUG = env_bool(
    "NORTHWAY_DEBUG", default=not {"DATABASE_URL", "DATABASE_URL_FILE"} & os.environ.keys()
)


def _service(name: str) -> str:
    """Return the URL of a server; embedded ones exist in local mode only."""
    return env(name, local.urls()[name] if DEBUG else None)


SECRET_KEY = env("SECRET_KEY", local_secret("secret_key") if DEBUG else None)
# Root of the key hierarchy: seals learners' data keys, day keys and identity lookups.
MASTER_KEY = env("MASTER_KEY", local_secret("master_key") if DEBUG else None)
# Signs the head of the ledger; kept apart from MASTER_KEY, so that who has that cannot sign anew.
LEDGER_ANCHOR_KEY = env("LEDGER_ANCHOR_KEY", local_secret("ledger_anchor_key") if DEBUG else "")
LEDGER_ANCHOR_FILE = Path(os.environ.get("LEDGER_ANCHOR_FILE", VAR / "anchors" / "ledger.jsonl"))
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver" if DEBUG else "")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
# Lets the demo world play past days: the header X-Northway-Now is read only when this is on.
DEMO_CLOCK = DEBUG and env_bool("NORTHWAY_DEMO_CLOCK", default=False)
# Where `make demo` says which world it shows and which accounts there are (local mode only).
_demo = env("NORTHWAY_DEMO_FOLDER", "")
DEMO_FOLDER = Path(_demo) if DEBUG and _demo else None

DATABASES = {"default": database(_service("DATABASE_URL")), "keys": database(_service("KEYS_URL"))}
DATABASE_ROUTERS = ["signals.sealing.KeysRouter"]
CELERY_BROKER_URL = _service("BROKER_URL")
CACHES = {
    "default": {
        "BACKEND": "personalize.cache.OptionalRedisCache",
        "LOCATION": _service("CACHE_URL"),
        "KEY_PREFIX": "northway",
        "OPTIONS": {
            "serializer": "personalize.cache.JsonSerializer",
            "socket_timeout": 0.25,  # seconds
            "socket_connect_timeout": 0.25,
        },
    },
    # Flags are looked up on every request: kept in the process, and read anew after this long.
    "flags": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "TIMEOUT": 2},
}
MODELS_DIR = Path(os.environ.get("MODELS_DIR", VAR / "models"))
SNAPSHOT_DIR = Path(os.environ.get("SNAPSHOT_DIR", VAR / "snapshot"))
SPOOL_DIR = Path(os.environ.get("SPOOL_DIR", VAR / "spool"))
SPARK_MASTER = env("NORTHWAY_SPARK_MASTER", "local[2]")
SPARK_FOLDER = Path(os.environ.get("NORTHWAY_SPARK_FOLDER", VAR / "spark"))
# Language models may be asked at these addresses only; see docs/configuration.md.
LLM_URLS = env_list("LLM_URLS")
LLM_API_KEY = env("LLM_API_KEY", "")
# Job posts are read from these addresses every night, and from no others.
JOB_FEEDS = env_list("JOB_FEEDS")
# E-mail goes out where there is a server for it, and an address its links lead back to.
PUBLIC_URL = env("PUBLIC_URL", "http://127.0.0.1:8000" if DEBUG else "")
EMAIL_HOST = env("EMAIL_HOST", "")
EMAIL_PORT = int(env("EMAIL_PORT", "587"))
EMAIL_HOST_USER = env("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 20  # seconds
# Who is told of alerts: addresses, and webhooks as https://host/path (`private:` before one that
# may stand in a private network). ALERT_SECRET signs what webhooks get.
ALERT_EMAILS = env_list("ALERT_EMAILS")
ALERT_WEBHOOKS = env_list("ALERT_WEBHOOKS")
ALERT_SECRET = env("ALERT_SECRET", "")
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "Northway <reminders@localhost>")
EMAIL_FILE_PATH = VAR / "mail"  # where messages are laid down while there is no server for them
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_HOST
    else "django.core.mail.backends.filebased.EmailBackend"
)
SENDS_MAIL = bool(PUBLIC_URL and (EMAIL_HOST or DEBUG))
CURRENCY = env("CURRENCY", "EUR")  # ISO 4217: experiments count money in this one, converting none

INSTALLED_APPS = [
    "controltower.admin_config.SiteConfig",  # django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_celery_beat",
    "django_htmx",
    "drf_spectacular",
    "rest_framework",
    "waffle",
    "signals",
    "experiments",
    "personalize",
    "controltower",
]
MIDDLEWARE = [
    "personalize.operations.requests.Requests",
    "django.middleware.security.SecurityMiddleware",
    "personalize.experience.programs.Programs",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "controltower.sessions.SessionLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "signals.clock.ClockMiddleware",
    "signals.privacy.gpc.PrivacyControl",
    "personalize.experience.private.Private",
    "personalize.experience.away.Away",
    "personalize.experience.nul.Nul",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "personalize.urls"
WSGI_APPLICATION = "personalize.wsgi.application"
ASGI_APPLICATION = "personalize.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "controltower.access.whose_pages",
                "personalize.experience.demo_world.shown",
            ]
        },
    }
]

AUTH_USER_MODEL = "signals.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "signals.privacy.own_words.OwnWords"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600  # seconds a link to a new password holds
LOGIN_URL = "/signin/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
# Sign-in by an OpenID provider; see docs/sign-in.md. Without issuer and client there is none.
OIDC_ISSUER = env("OIDC_ISSUER", "")
OIDC_CLIENT_ID = env("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = env("OIDC_CLIENT_SECRET", "")
OIDC_NAME = env("OIDC_NAME", "")  # of the school, as the button says it
OIDC_SCOPES = env("OIDC_SCOPES", "openid profile")
OIDC_LEARNER_CLAIM = env("OIDC_LEARNER_CLAIM", "")
OIDC_ROLES_CLAIM = env("OIDC_ROLES_CLAIM", "")
OIDC_ROLES = env_roles("OIDC_ROLES")
OIDC_SECOND_STEP = frozenset(env_list("OIDC_SECOND_STEP"))  # values of amr that count as one
# Who at the controls takes a second step: all, those who change things, or nobody.
STAFF_SECOND_STEP = env_choice(
    "STAFF_SECOND_STEP", ("all", "changing", "off"), "off" if DEBUG else "all"
)
STAFF_IDLE_MINUTES = int(env("STAFF_IDLE_MINUTES", "30"))
STAFF_SESSION_HOURS = int(env("STAFF_SESSION_HOURS", "12"))
LEARNER_IDLE_DAYS = int(env("LEARNER_IDLE_DAYS", "14"))
LEARNER_SESSION_DAYS = int(env("LEARNER_SESSION_DAYS", "60"))
TRUSTED_PROXIES = env_proxies("TRUSTED_PROXIES")
AXES_CLIENT_IP_CALLABLE = "personalize.experience.address.client_address"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_USERNAME_CALLABLE = "signals.privacy.accounts.name_tried"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_DISABLE_ACCESS_LOG = True  # who signed in when, from where, is nothing we need to keep
AXES_VERBOSE = False
WAFFLE_FLAG_MODEL = "experiments.Flag"
WAFFLE_CACHE_NAME = "flags"

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = LEARNER_SESSION_DAYS * 86_400  # controltower.sessions ends them earlier
# Browsers take a cookie of this name over TLS only, from this host and for all of it.
_HOST = "" if DEBUG else "__Host-"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_HOST}sessionid", f"{_HOST}csrftoken"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_SSL_REDIRECT = env_bool("SECURE_SSL_REDIRECT", default=not DEBUG)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes ask the process itself, without TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if not DEBUG else None
SECURE_HSTS_SECONDS = 0 if DEBUG else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

LANGUAGE_CODE = "en"
# Of learners' pages and answers; the tower is English (controltower/access.py).
LANGUAGES = [("en", "English"), ("es", "Español"), ("de", "Deutsch"), ("ar", "العربيّة")]
LANGUAGE_COOKIE_NAME = (
    f"{_HOST}language"  # what somebody chose in the footer; without it, the browser's
)
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60  # seconds
LANGUAGE_COOKIE_SECURE = not DEBUG
TIME_ZONE = "UTC"
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "personalize.formats"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static-collected"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    }
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = False

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # bytes; larger bodies get 413

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Northway",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "description": "The key of a source"},
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": SESSION_COOKIE_NAME,
                "description": "A signed-in learner; POST needs X-CSRFToken too",
            },
        }
    },
}

CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
# KB. A night's training takes gigabytes, and what it leaves in pieces is not given back: the
# process that is larger after a job is replaced by a new one before the next.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 700_000
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Longer than the longest job, else a late redelivery would run it twice.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 6 * 3600}
CELERY_BEAT_SCHEDULER = "personalize.operations.beat:OneBeat"
CELERY_BEAT_SYNC_EVERY = 1  # jobs: another clock that takes over knows what was sent
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # it would bring formats of its own
CELERY_TIMEZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "personalize.operations.logs.JsonLines"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": env_choice("LOG_FORMAT", ("line", "json"), "line" if DEBUG else "json"),
        },
        "counting": {"class": "personalize.operations.strangers.Counting"},
    },
    # What anybody can send without end is counted, not written: /metrics has it by kind and status.
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security": {"handlers": ["counting"], "propagate": False},
        # Not of these: a session that does not open was written by somebody within.
        "django.security.SuspiciousSession": {"handlers": ["stderr"]},
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}
