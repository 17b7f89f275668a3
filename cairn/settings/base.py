"""Every setting of Cairn and the environment variable it comes from; docs/operating.md lists them.

With an empty environment this is the embedded installation: SQLite, files for a broker and a
cache, everything in one data folder. DATABASE_URL and REDIS_URL replace them.
"""

from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext
from csp.constants import NONE, SELF

from cairn import env, identity_providers

# Lets annotations such as ModelAdmin[Account] stand in the code as the type checker reads them.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = env.path("CAIRN_DATA_DIR", BASE_DIR / "var")

# Identity of this installation

SECRET_KEY = env.text("SECRET_KEY", "")
DEBUG = False
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.items("CSRF_TRUSTED_ORIGINS")

# What Django is made of

INSTALLED_APPS = [
    "roadmap",
    "collectors",
    "inventory",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "knox",
    "rest_framework",
]

MIDDLEWARE = [
    # Health answers before anything that could refuse a probe for its Host header or scheme.
    "cairn.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "cairn.sign_in.sessions.SessionLimits",
    "django_htmx.middleware.HtmxMiddleware",
    # Around the views alone, and after sign-in: what they do is done by somebody.
    "inventory.audit.middleware.AuditMiddleware",
    "inventory.viewing_as.ViewAsMiddleware",
]

ROOT_URLCONF = "cairn.urls"
WSGI_APPLICATION = "cairn.wsgi.application"
ASGI_APPLICATION = "cairn.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["cairn.template_tags"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cairn.navigation.navigation",
            ],
        },
    },
]

# Data

SQLITE_OPTIONS = {
    # A transaction that will write takes the lock at its start, where waiting for it is possible.
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000;"
        "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32000;"
    ),
}


def database() -> dict[str, Any]:
    """Django's settings of the one database; DATABASE_URL's errors name the variable."""
    location = env.url("DATABASE_URL", frozenset({"postgres", "postgresql", "sqlite"}))
    parsed = dj_database_url.parse(
        location or f"sqlite:///{DATA_DIR / 'cairn.sqlite3'}",
        conn_max_age=env.integer("DATABASE_CONN_MAX_AGE", 600),
        conn_health_checks=True,
    )
    if parsed["ENGINE"].endswith("sqlite3"):
        parsed["OPTIONS"] = {**SQLITE_OPTIONS, **parsed.get("OPTIONS", {})}
    return dict(parsed)


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.url("REDIS_URL", frozenset({"redis", "rediss", "unix"}))
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cairn",
    }
    if REDIS_URL
    else {
        # Files, since the web process reads what the worker process wrote.
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "cache",
    }
}

if not REDIS_URL:
    DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in ("broker/queue", "broker/control"):
        (DATA_DIR / folder).mkdir(parents=True, exist_ok=True, mode=0o700)

# Work

CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    # A task not acknowledged within the hour goes to another worker. No task may take longer, and
    # one that is handed out twice finds its units leased.
    {"visibility_timeout": 3600}
    if REDIS_URL
    else {
        "data_folder_in": str(DATA_DIR / "broker/queue"),
        "data_folder_out": str(DATA_DIR / "broker/queue"),
        "control_folder": str(DATA_DIR / "broker/control"),
        "polling_interval": 0.25,
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "cairn"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")

# How long a killed worker's part of a collection run waits before another worker takes it.
COLLECTION_LEASE_SECONDS = env.integer("COLLECTION_LEASE_SECONDS", 60, least=1)

# Whether anything may be written to AWS at all: contacts, by people who may push them.
CONTACT_PUSH = env.boolean("CONTACT_PUSH", False)

# Files that people send

UPLOAD_MAX_MB = env.integer("UPLOAD_MAX_MB", 600, least=1)
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "cairn.uploads.BoundedUploadHandler",
]

# People

AUTH_USER_MODEL = "inventory.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "cairn.sign_in.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Administrators create the accounts, so the addresses are known good.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Cairn: "
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # Nobody gets mail because a stranger typed their address.
ACCOUNT_SESSION_REMEMBER = True
MFA_ADAPTER = "cairn.sign_in.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"add_webauthn": "cairn.sign_in.forms.AddKeyForm"}
MFA_TOTP_ISSUER = "Cairn"
MFA_TOTP_TOLERANCE = 1  # Clocks of phones are up to half a minute off.
# Identity providers: what they say is judged in the adapter, and applied at every sign-in.
SOCIALACCOUNT_PROVIDERS = identity_providers.from_environment()
SOCIALACCOUNT_ADAPTER = "cairn.sign_in.adapters.ProviderAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SIGN_IN_DEFAULT_ROLE = env.choice(
    "SIGN_IN_DEFAULT_ROLE", "none", frozenset({"none", "viewer", "owner", "finance"})
)
LOCAL_SIGN_IN = env.choice("LOCAL_SIGN_IN", "everyone", frozenset({"everyone", "break-glass"}))
# Proxies in front of Cairn, so that sign-in limits count the caller's address and not theirs.
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", 0)

SESSION_ENGINE = (
    "django.contrib.sessions.backends.cached_db"
    if REDIS_URL
    else "django.contrib.sessions.backends.db"
)
SESSION_COOKIE_AGE = env.integer("SESSION_HOURS", 12, least=1) * 3600
SESSION_IDLE_SECONDS = env.integer("SESSION_IDLE_MINUTES", 120, least=1) * 60
SESSIONS_PER_PERSON = env.integer("SESSIONS_PER_PERSON", 10, least=1)
CSRF_COOKIE_HTTPONLY = True

# API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # First, so that whoever is not signed in is told that a token would do (401).
        "knox.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "cairn.pagination.PagePagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_VERSIONING_CLASS": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
REST_KNOX = {
    "AUTH_HEADER_PREFIX": "Bearer",
    # The expiry is chosen when a token is made.
    "TOKEN_TTL": None,
    "TOKEN_PREFIX": "cairn_",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Cairn",
    "DESCRIPTION": "Accounts, their owners, and how far each has come on the security roadmap.",
    "VERSION": "v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "ChangeSetStateEnum": "inventory.models.State",
        "FindingStateEnum": "roadmap.models.Finding.State",
        "DecisionKindEnum": "roadmap.models.FindingDecision.Kind",
        "DecisionStateEnum": "roadmap.models.Asked.State",
        "RunStateEnum": "collectors.models.Run.State",
        "ScanImportStateEnum": "roadmap.models.ScanImport.State",
    },
}

# Pages

STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "cairn.assets.NodePackageFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "cairn.assets.HashedStaticFilesStorage"},
}
NODE_MODULES = BASE_DIR / "node_modules"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Tabler draws check marks and arrows of form controls as data: images in its style sheet.
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

# Mail: with no server named, messages become files in the data folder.

DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Cairn <cairn@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.integer("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_SSL = env.boolean("EMAIL_USE_SSL", False)
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", not EMAIL_USE_SSL)
EMAIL_REPLY_TO = env.text("EMAIL_REPLY_TO", "")
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_HOST
    else "django.core.mail.backends.filebased.EmailBackend"
)

# Links in mail lead here; a mail has no request whose host it could take.
SITE_URL = env.url("SITE_URL", frozenset({"http", "https"})).rstrip("/")

# No setting that people change in the pages lets more mail out than this.
MAIL_MOST_PER_HOUR = env.integer("MAIL_MOST_PER_HOUR", 2000)
# How long a message of a killed worker waits before another worker sends it: longer than a mail
# server may take with one.
MAIL_LEASE_SECONDS = env.integer("MAIL_LEASE_SECONDS", 300, least=1)

# Private networks that webhooks may reach, such as 10.1.2.0/24; without them public addresses only.
WEBHOOK_ALLOWED_NETWORKS = env.networks("WEBHOOK_ALLOWED_NETWORKS")

# A line above every page, for what all readers of this installation must know.
BANNER = env.text("BANNER", "")

# Logs: to stderr, so that standard output belongs to a command's answer.

LOG_LEVEL = env.choice(
    "LOG_LEVEL", "INFO", frozenset({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"})
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"fields": {"()": "cairn.log_fields.FieldsFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "fields"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # Django's own handlers would print every record a second time.
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        "django.server": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        # The SDK says at INFO where it found credentials, once a client.
        "botocore": {"level": "WARNING"},
    },
}
