"""Django's settings: those that are the same everywhere, and those of this environment."""

from config import logs
from config.base import *  # noqa: F403  # Django's own way to build on other settings
from config.base import STATIC_ROOT, STORAGES
from config.database import database
from config.env import LOCAL_HOSTS, load_env

ENV = load_env()

DEBUG = ENV.django_debug
SECRET_KEY = ENV.secret_key
ALLOWED_HOSTS = list({*ENV.allowed_hosts, *LOCAL_HOSTS})
CORS_ALLOWED_ORIGINS = list(ENV.cors_origins)
DATABASES = {"default": database(ENV)}
LOGGING = logs.configuration(ENV.log_level)

if DEBUG:
    # Static files are served from where they are written, not from STATIC_ROOT.
    STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise would warn
    WHITENOISE_USE_FINDERS = True
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

if ENV.https:
    # The proxy in front sets this header, and takes it away where a client has sent it.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]
    SECURE_HSTS_SECONDS = 30 * 24 * 60 * 60
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# Whether HSTS takes in all subdomains, and browsers learn of it in advance, is for the owner of
# the whole domain to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
