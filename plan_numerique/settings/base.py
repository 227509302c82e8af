"""Production settings. Every environment variable of the product is read and typed in this folder, and nowhere else."""

from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from xstatic.pkg import leaflet, leaflet_markercluster

django_stubs_ext.monkeypatch()  # generic classes of Django may be written with their types: ModelAdmin[School]

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()
VERSION = "0.1.0"

if env.str("DJANGO_SETTINGS_MODULE", default="") == __name__:
    # Production itself, not the settings that build on it: no default may stand in for these.
    _missing = [
        name
        for name in ("SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "DATABASE_URL", "REDIS_URL")
        if not env.str(name, default="")
    ]
    if _missing:
        raise ImproperlyConfigured(f"Variables d'environnement à donner en production : {', '.join(_missing)}.")

SECRET_KEY = env.str("SECRET_KEY", default="")
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="")
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

INSTALLED_APPS = [
    "plan_numerique.accounts",
    "plan_numerique.audit",
    "plan_numerique.jobs",
    "plan_numerique.imports",
    "plan_numerique.documents",
    "plan_numerique.tabular",
    "plan_numerique.web",
    "schools",
    "equipment",
    "ent",
    "governance",
    "deliberations",
    "plan_numerique.importing",
    "plan_numerique.demo",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "django_celery_beat",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "lucide",
    "rest_framework",
    "simple_history",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "plan_numerique.web.middleware.security_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "plan_numerique.accounts.middleware.scope",
    "django.contrib.messages.middleware.MessageMiddleware",
    "plan_numerique.web.middleware.domain_errors",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "plan_numerique.urls"
WSGI_APPLICATION = "plan_numerique.wsgi.application"
ASGI_APPLICATION = "plan_numerique.asgi.application"

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
                "plan_numerique.navigation.chrome",
            ],
            "builtins": [
                "django.templatetags.static",
                "lucide.templatetags.lucide",
                "plan_numerique.web.templatetags.web",
            ],
        },
    },
]
FORM_RENDERER = "plan_numerique.web.forms.Renderer"

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL and IMMEDIATE: the web process and the worker write at the same time (docs/adr/0004).
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=20000;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}

QUEUE_DIR = VAR_DIR / "queue"
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost//"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {}
    if REDIS_URL
    else {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "processed_folder": str(QUEUE_DIR / "processed"),
        "control_folder": str(QUEUE_DIR / "control"),
        "store_processed": False,
        "polling_interval": 0.5,
    }
)
CELERY_TASK_DEFAULT_QUEUE = "plan-numerique"
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 20
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SOFT_TIME_LIMIT = 30 * 60
CELERY_TASK_TIME_LIMIT = 31 * 60
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "Europe/Paris"
# Seconds without a heartbeat after which a running job is taken for dead; it beats six times in that span.
JOBS_STALE_AFTER = env.float("JOBS_STALE_AFTER", default=60.0)
_REAP_EVERY = max(1, int(JOBS_STALE_AFTER / 2))
CELERY_BEAT_SCHEDULE = {
    "jobs.reap": {"task": "jobs.reap", "schedule": _REAP_EVERY, "options": {"expires": _REAP_EVERY}},
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "plan_numerique.accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # accounts are given by an administrator, who knows the address
MFA_TOTP_ISSUER = "Plan numérique"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_USERNAME_FORM_FIELD = "login"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_VERBOSE = False  # nothing on standard error but the problems of a document (interchange.md)

LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True
# Off: it also cuts the keys that templates write in addresses, ids and values; `integer` and `euros` group digits for the eye.
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
FONTS_DIR = VAR_DIR / "fonts"  # subset by `manage.py build_fonts`
STATICFILES_DIRS = [
    BASE_DIR / "static",
    *([("fonts", FONTS_DIR)] if FONTS_DIR.is_dir() else []),
    ("leaflet", leaflet.BASE_DIR),
    ("leaflet-markercluster", leaflet_markercluster.BASE_DIR),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "plan_numerique.web.static.Storage"},
}
MEDIA_ROOT = VAR_DIR / "media"

DATA_UPLOAD_MAX_MEMORY_SIZE = 80 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Background of the maps: {z}, {x}, {y} in the address of a tile. Empty: no background, and no request to another host.
MAP_TILES_URL = env.str("MAP_TILES_URL", default="")
MAP_TILES_ATTRIBUTION = env.str("MAP_TILES_ATTRIBUTION", default="")
_TILES = urlsplit(MAP_TILES_URL)
if MAP_TILES_URL and not (
    _TILES.scheme == "https" and _TILES.hostname and all(part in MAP_TILES_URL for part in ("{z}", "{x}", "{y}"))
):
    raise ImproperlyConfigured(
        "MAP_TILES_URL : attendu l'adresse d'une tuile, en https, avec {z}, {x} et {y} ; "
        f"reçu « {MAP_TILES_URL} ». Vide : cartes sans fond."
    )
if MAP_TILES_URL and not MAP_TILES_ATTRIBUTION:
    raise ImproperlyConfigured("MAP_TILES_ATTRIBUTION : la mention due à qui fournit le fond de carte.")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", *([f"https://{_TILES.netloc.replace('{s}', '*')}"] if MAP_TILES_URL else [])],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    },
}

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="smtp://localhost:25")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="plan-numerique@localhost")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "plan_numerique.web.rest.Pagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PARSER_CLASSES": [
        "plan_numerique.web.rest.StrictJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "plan_numerique.web.rest.exception_handler",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Plan numérique",
    "DESCRIPTION": "Écoles, équipement, ENT, pilotage et délibérations d'un plan numérique des écoles.",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "ENUM_NAME_OVERRIDES": {
        "JobStatusEnum": "plan_numerique.jobs.enums.JobStatus",
        "SchoolKindEnum": "schools.enums.SchoolKind",
        "ClassKindEnum": "schools.enums.ClassKind",
        "LevelEnum": "schools.enums.Level",
        "SchoolStatusEnum": "schools.enums.SchoolStatus",
        "QuestionnaireKindEnum": "schools.enums.QuestionnaireKind",
        "QuestionnaireStateEnum": "schools.enums.QuestionnaireState",
        "QuestionKindEnum": "schools.enums.QuestionKind",
        "CampaignStateEnum": "schools.enums.CampaignState",
        "CriterionKindEnum": "schools.enums.CriterionKind",
        "ApplicationStateEnum": "schools.enums.ApplicationState",
        "OpinionVerdictEnum": "schools.enums.Verdict",
        "DiagnosticStateEnum": "schools.enums.DiagnosticState",
        "WorkStateEnum": "schools.enums.WorkState",
        "DeviceStateEnum": "equipment.enums.DeviceState",
        "RulePerEnum": "equipment.enums.RulePer",
        "PlanStateEnum": "governance.enums.PlanState",
        "ConventionStateEnum": "governance.enums.ConventionState",
        "GrantStateEnum": "governance.enums.GrantState",
        "ImportSessionStateEnum": "plan_numerique.imports.enums.ImportState",
        "PhaseVerdictEnum": "governance.enums.Verdict",
        "RunStateEnum": "governance.enums.RunState",
        "PhaseStateEnum": "governance.enums.PhaseState",
        "SubsidyStateEnum": "governance.enums.SubsidyState",
        "ScenarioStateEnum": "governance.enums.ScenarioState",
        "ScenarioNatureEnum": "governance.enums.ScenarioNature",
        "MeetingStateEnum": "governance.enums.MeetingState",
        "CommitteeKindEnum": "governance.enums.CommitteeKind",
        "DocumentKindEnum": "governance.enums.DocumentKind",
        "FunderKindEnum": "governance.enums.FunderKind",
        "LineKindEnum": "governance.enums.LineKind",
        "PartnerKindEnum": "governance.enums.PartnerKind",
        "VersionKindEnum": "governance.enums.VersionKind",
        "RecurringPerEnum": "governance.enums.RecurringPer",
        "BaseCapPerEnum": "governance.enums.BaseCapPer",
        "ActKindEnum": "deliberations.enums.ActKind",
        "ActStateEnum": "deliberations.enums.ActState",
        "ActNatureEnum": "deliberations.enums.ActNature",
        "PresenceStateEnum": "deliberations.enums.PresenceState",
        "AssemblyKindEnum": "deliberations.enums.AssemblyKind",
        "VoteChoiceEnum": "deliberations.enums.VoteChoice",
        "AuthorityKindEnum": "plan_numerique.accounts.enums.AuthorityKind",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
DJANGO_TABLES2_TEMPLATE = "components/table.html"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"weasyprint": {"level": "WARNING"}, "fontTools": {"level": "WARNING"}},
}
# HSTS for the whole domain of a town, and its preload, are decisions of the town, not of this site.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
