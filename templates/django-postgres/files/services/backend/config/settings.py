"""Settings of all processes, from the environment alone.

With no environment at all this is a laptop: SQLite, a cache in memory, jobs run at once.
"""

from pathlib import Path
from typing import Any

from celery.schedules import crontab

from config.database import database_settings
from config.redis import BROKER_TRANSPORT_OPTIONS, broker_url, cache_settings
from ops.logs import logging_config
from service_kit.environment import (
    ConfigurationError,
    env_bool,
    env_choice,
    env_int,
    env_list,
    env_rate,
    env_str,
    read_secret_values,
    secret_path,
)

BASE_DIR = Path(__file__).resolve().parent.parent

APP_ENV = env_choice("APP_ENV", "development", ("production", "development"))
APP_VERSION = env_str("APP_VERSION", "dev")
SERVICE_NAME = env_str("SERVICE_NAME", "backend")
PRODUCTION = APP_ENV == "production"

DEBUG = env_bool("DEBUG", default=False)
if DEBUG and PRODUCTION:
    raise ConfigurationError("DEBUG=true shows settings to visitors: not with APP_ENV=production.")

# The first line signs, the others are believed as well: that is how a new key logs nobody out.
SIGNING_KEYS_FILE: Path | None = None
if PRODUCTION or env_str("DJANGO_SECRET_KEY_FILE"):
    SIGNING_KEYS_FILE = secret_path("DJANGO_SECRET_KEY_FILE", "django_secret_key")
    SECRET_KEY, *SECRET_KEY_FALLBACKS = read_secret_values(
        "DJANGO_SECRET_KEY_FILE", "django_secret_key"
    )
else:
    SECRET_KEY = "insecure-key-of-a-development-machine-never-of-a-server"  # noqa: S105

# Hosts. DOMAIN is what visitors type; the others are how health checks and the proxy call us.
DOMAINS = env_list("DOMAIN", "localhost")
ALLOWED_HOSTS = [*DOMAINS, *env_list("INTERNAL_HOSTS", "backend,backend.app"), "127.0.0.1"]
NUM_PROXIES = env_int("NUM_PROXIES", 1)
USE_X_FORWARDED_HOST = False

INSTALLED_APPS = [
    # Always installed, so that the schema does not depend on ADMIN_ENABLED.
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "ops",
    "api",
    "accounts",
    "articles",
]
ADMIN_ENABLED = env_bool("ADMIN_ENABLED", default=False)

MIDDLEWARE = [
    "ops.middleware.RequestLogMiddleware",
    "ops.signing_middleware.SigningKeysMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "api.rate_limit.RateLimitHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "ops.signing_middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": database_settings(BASE_DIR, production=PRODUCTION)}
CACHES = {"default": cache_settings(production=PRODUCTION)}

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if env_bool("STATIC_MANIFEST", default=PRODUCTION)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Accounts and sessions. Sessions live in the database: a Redis outage logs nobody out.
AUTH_USER_MODEL = "accounts.User"
# Memory-hard, and kinder to a small server than a million rounds of PBKDF2.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "display_name")}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = env_int("SESSION_COOKIE_AGE", 14 * 24 * 3600, minimum=60)

# Transport. HTTPS ends at the proxy, which redirects plain HTTP and sends HSTS; the proxy sets
# X-Forwarded-Proto itself and is the only one who can reach this service.
HTTPS = env_bool("HTTPS", default=PRODUCTION)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# Browsers accept a __Host- cookie only over HTTPS, for this host and the whole path.
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
CSRF_FAILURE_VIEW = "api.problems.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = env_int("MAX_BODY_BYTES", 1024 * 1024, minimum=1024)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": [
        "api.rate_limit.ApiRateLimit",
        "api.rate_limit.SearchRateLimit",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "api.pagination.Pages",
    "EXCEPTION_HANDLER": "api.problems.handle_exception",
    "NUM_PROXIES": NUM_PROXIES,
}
RATE_LIMITS = {
    "api": env_rate("RATE_LIMIT_API", "100/min"),
    "auth": env_rate("RATE_LIMIT_AUTH", "10/min"),
    "search": env_rate("RATE_LIMIT_SEARCH", "30/min"),
}

# 0: nobody counts. Otherwise the port of ops.metrics_server, which gunicorn starts.
METRICS_PORT = env_int("METRICS_PORT", 0)

LOG_LEVEL = env_choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = logging_config(LOG_LEVEL)

# Celery. Results are rows that the tasks write themselves, so there is no result backend.
CELERY_BROKER_URL = broker_url(production=PRODUCTION) or "memory://"
CELERY_TASK_ALWAYS_EAGER = CELERY_BROKER_URL == "memory://" and not PRODUCTION
CELERY_BROKER_TRANSPORT_OPTIONS = BROKER_TRANSPORT_OPTIONS
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# None: a worker waits for its broker for as long as it takes.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_EXPIRES = None  # or beat would add a job that cleans up what is not there
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 45
CELERY_TASK_SOFT_TIME_LIMIT = 30
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env_int("WORKER_CONCURRENCY", 2, minimum=1)
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = env_int("WORKER_MAX_MEMORY_KB", 200_000, minimum=50_000)
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BEAT_SCHEDULER = "ops.beat.HeartbeatScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = env_str("BEAT_SCHEDULE_FILE", "/tmp/celerybeat-schedule")  # noqa: S108
REQUEUE_AFTER_SECONDS = env_int("REQUEUE_AFTER_SECONDS", 60, minimum=1)
CELERY_BEAT_SCHEDULE = {
    "requeue stuck analyses": {
        "task": "articles.requeue_stuck_analyses",
        "schedule": env_int("REQUEUE_INTERVAL_SECONDS", 60, minimum=5),
    },
    "clear expired sessions": {
        "task": "accounts.clear_expired_sessions",
        "schedule": crontab(hour="3", minute="17"),
    },
}
