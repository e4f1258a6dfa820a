"""Settings, read from the environment: DATABASE_URL, DEBUG, SECRET_KEY, ALLOWED_HOSTS."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
YES, NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
_SQLITE = "django.db.backends.sqlite3"
_DRIVERS = {"django.db.backends.mysql": "MySQLdb", "django.db.backends.oracle": "oracledb"}
_NOT_THE_DRIVERS = {"transaction_mode", "init_command"}  # options of SQLite that Django itself reads


def _flag(name: str, *, default: bool) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value not in {"", *YES, *NO}:
        raise ImproperlyConfigured(f"{name} is {value!r}; give 1 or 0, or leave it out.")
    return default if value == "" else value in YES


def _secret_key(*, debug: bool) -> str:
    key = os.environ.get("SECRET_KEY", "").strip()
    if key:
        return key
    if debug:
        return "insecure-development-key-never-use-this-in-production"
    message = "SECRET_KEY must be set when DEBUG is off."
    raise ImproperlyConfigured(message)


def _database() -> dict[str, Any]:
    url = os.environ.get("DATABASE_URL")
    if not url:
        return _sqlite({"ENGINE": _SQLITE, "NAME": str(BASE_DIR / "mentara.sqlite3")})
    if "#" in url or any("=" not in option for option in url.partition("?")[2].split("&") if option):
        message = "DATABASE_URL has a # or ? at which its name would end; write %23 for a # and %3F for a ?."
        raise ImproperlyConfigured(message)
    try:
        config: dict[str, Any] = {**dj_database_url.parse(url)}
    except ValueError as error:
        message = (
            "DATABASE_URL cannot be read: give a URL such as "
            "postgresql://user:password@host:5432/name or sqlite:///file.sqlite3."
        )
        raise ImproperlyConfigured(message) from error
    if config["ENGINE"] != _SQLITE:
        return _of_a_server(config)
    if config.get("HOST"):
        message = "DATABASE_URL has a host, and SQLite has none; write three slashes: sqlite:///file.sqlite3."
        raise ImproperlyConfigured(message)
    if config["NAME"] == ":memory:" and url != "sqlite://:memory:":
        message = (
            "DATABASE_URL names no file, and what it holds would end with the command; write sqlite:///file.sqlite3."
        )
        raise ImproperlyConfigured(message)
    return _sqlite(config)


def _of_a_server(config: dict[str, Any]) -> dict[str, Any]:
    if not (config["NAME"] or "service" in config.get("OPTIONS", {})):
        message = "DATABASE_URL names a server but no database on it; write postgresql://user:password@host:5432/name."
        raise ImproperlyConfigured(message)
    driver = _DRIVERS.get(config["ENGINE"])
    if driver and find_spec(driver) is None:
        message = (
            f"DATABASE_URL names a kind of database whose driver {driver} is not installed; "
            "PostgreSQL and SQLite need none besides."
        )
        raise ImproperlyConfigured(message)
    return config


def _sqlite(config: dict[str, Any]) -> dict[str, Any]:
    import sqlite3

    options = {"transaction_mode": "IMMEDIATE", "timeout": 20, **config.get("OPTIONS", {})}
    try:
        sqlite3.connect(":memory:", **{name: options[name] for name in options.keys() - _NOT_THE_DRIVERS}).close()
    except (TypeError, ValueError, sqlite3.Error) as error:
        message = f"DATABASE_URL has an option that SQLite does not take ({error}); correct DATABASE_URL."
        raise ImproperlyConfigured(message) from error
    return {**config, "OPTIONS": options}


DEBUG = _flag("DEBUG", default=True)
SECRET_KEY = _secret_key(debug=DEBUG)
ALLOWED_HOSTS = [host.strip() for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host.strip()]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "mentara",
    "seeding",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
ROOT_URLCONF = "mentara.urls"
WSGI_APPLICATION = "mentara.wsgi.application"

DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "mentara.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
STATIC_URL = "static/"
