"""All settings, read once from checked GUANXI_… variables (see docs/reference)."""

from datetime import timedelta

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from guanxi.config import environment as env

BASE_DIR = env.ROOT
DATA_DIR = env.data_folder()
FILES_DIR = DATA_DIR / "files"

DEBUG = env.flag("DEBUG", default=False)
DEMO = env.flag("DEMO", default=True)
DEMO_ASKED = DEMO and bool(env.text("DEMO"))
SECRET_KEY = env.secret_key(DATA_DIR)
SITE_URL = env.text("SITE_URL", f"http://127.0.0.1:{env.port()}")
LIVE_URL = env.text("LIVE_URL")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
IS_SECURE = SITE_URL.startswith("https://")
TRUSTED_PROXIES = env.words("TRUSTED_PROXIES")
STRICT_PROFILE = env.flag("STRICT", default=False)

# The audit trail: sealed by the worker, anchored outside the database, archived when old ----------
ANCHOR_DIR = env.text("ANCHOR_DIR")
AUDIT_KEEP_MONTHS = env.audit_months()

METRICS_TOKEN = env.text("METRICS_TOKEN")

# Many machines: a broker wakes Celery workers; the rows in the database stay the truth -----------
BROKER = env.broker(env.text("BROKER"))

# Backups: nightly into a folder, enciphered with a key that lies elsewhere -----------------------
BACKUP_DIR = env.text("BACKUP_DIR")
BACKUP_KEY_FILE = env.text("BACKUP_KEY_FILE")
BACKUP_PASSPHRASE = env.text("BACKUP_PASSPHRASE")
BACKUP_HOUR = env.number("BACKUP_HOUR", 2)
BACKUP_KEEP = env.number("BACKUP_KEEP", 14)

INSTALLED_APPS = [
    "guanxi.kernel",
    "guanxi.surfaces",
    "guanxi.people",
    "guanxi.notifications",
    "guanxi.deadlines",
    "guanxi.approvals",
    "guanxi.deletions",
    "guanxi.customers",
    "guanxi.commitments",
    "guanxi.tickets",
    "guanxi.segments",
    "guanxi.complaints",
    "guanxi.insight",
    "guanxi.packs",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "guanxi.config.static_files.StaticFilesApp",
    "rest_framework",
    "drf_spectacular",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "guanxi.people.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "guanxi.surfaces.html.middleware.ErrorMiddleware",
]

ROOT_URLCONF = "guanxi.config.urls"
WSGI_APPLICATION = "guanxi.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "guanxi.surfaces.html.context.frame",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                ),
            ],
        },
    },
]

DATABASES = {"default": env.database(DATA_DIR)}
# Well above the slowest page on a million customers, well below what nginx waits.
DATABASE_PATIENCE_SECONDS = env.number("DATABASE_PATIENCE_SECONDS", 15)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "kernel_cache",
    },
}

# Sign-in -----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "guanxi.people.backends.AccountBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_SECURE
SESSION_COOKIE_NAME = "__Host-guanxi" if IS_SECURE else "guanxi"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_SECURE else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "guanxi.surfaces.html.errors.csrf_failure"
SESSION_IDLE = timedelta(minutes=env.number("SESSION_IDLE_MINUTES", 30))
SESSION_ABSOLUTE = timedelta(hours=env.number("SESSION_ABSOLUTE_HOURS", 12))

# Mail: without a server the letters lie in the data folder ---------------------------------------
EMAIL_HOST = env.text("SMTP_HOST")
EMAIL_PORT = env.number("SMTP_PORT", 587)
EMAIL_HOST_USER = env.text("SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("SMTP_PASSWORD")
EMAIL_USE_TLS = env.flag("SMTP_TLS", default=True)
EMAIL_USE_SSL = EMAIL_PORT == 465  # enciphered from the first byte on, so not asked for later
EMAIL_USE_TLS = EMAIL_USE_TLS and not EMAIL_USE_SSL
EMAIL_TIMEOUT = 10
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "Guanxi <guanxi@localhost>")

#: Hosts that may be called though they are this machine or beside it, and without TLS.
OUTBOUND_HOSTS = [name.lower() for name in env.words("OUTBOUND_HOSTS")]

# Language and time -------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese (simplified)")), ("en", _("English"))]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

# Files and pages ---------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "guanxi" / "assets"] if (BASE_DIR / "guanxi/assets").is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "guanxi.config.static_files.StaticFiles"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "tmp"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
# Only a click leads there; nothing is fetched from it, and it is told no page of ours.
MAP_URL = env.pattern("MAP_URL", "https://uri.amap.com/search?keyword={address}", holds="address")
UPLOAD_MAX_BYTES = env.number("UPLOAD_MAX_MB", 200) * 1024 * 1024

# Security headers --------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if IS_SECURE else 0
SECURE_SSL_REDIRECT = False
# Behind nginx the last step is plain HTTP: nginx says by which one the visitor came.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_SECURE else None
CSRF_TRUSTED_ORIGINS = [SITE_URL.rstrip("/")] if IS_SECURE else []
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF, *([LIVE_URL] if LIVE_URL else [])],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    },
}

# API ---------------------------------------------------------------------------------------------
# Per caller and web process; without a token or session, per address.
API_REQUESTS_PER_MINUTE = env.number("API_REQUESTS_PER_MINUTE", 1200)
API_BURST = env.number("API_BURST", 300)
API_STRANGERS_PER_MINUTE = env.number("API_STRANGERS_PER_MINUTE", 60)
# How many customers of colleagues one person is told of (masked) while looking for duplicates.
DUPLICATE_HITS_PER_TEN_MINUTES = env.number("DUPLICATE_HITS_PER_TEN_MINUTES", 30)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "guanxi.people.authentication.TokenAuthentication",
        "guanxi.people.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["guanxi.surfaces.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "guanxi.surfaces.api.schema.RecordSchema",
    "EXCEPTION_HANDLER": "guanxi.surfaces.api.errors.problem_response",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Guanxi API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "guanxi.kernel.logs.OneLineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
}

from guanxi.people.signin_settings import *  # noqa: E402, F403  sign-in libraries' own switches
