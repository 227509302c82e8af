"""A laptop or `make demo`: embedded SQLite, file-system queue, loopback only."""

import secrets

from plan_numerique.settings.base import *
from plan_numerique.settings.base import MIDDLEWARE, SECRET_KEY, STORAGES, VAR_DIR, env

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000")

if not SECRET_KEY:
    # One key per checkout, made on first use: sessions survive a restart and nothing secret is in the repository.
    key_file = VAR_DIR / "secret-key"
    if not key_file.exists():
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        key_file.write_text(secrets.token_urlsafe(50), encoding="ascii")
        key_file.chmod(0o600)
    SECRET_KEY = key_file.read_text(encoding="ascii")

# Static files are read where they are at each request: no collectstatic, with and without DEBUG.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
WHITENOISE_MAX_AGE = 0
# Nothing is compressed beforehand here: style sheets and scripts go through the middleware that compresses the pages.
GZIP = "django.middleware.gzip.GZipMiddleware"
MIDDLEWARE = [GZIP, *(each for each in MIDDLEWARE if each != GZIP)]

SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
if not env.str("EMAIL_URL", default=""):
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
