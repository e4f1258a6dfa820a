"""Settings of a small project on Mentara's tables: what a project that uses the seeded databases needs."""

import os

import dj_database_url

SECRET_KEY = "not a secret: this is an example"  # noqa: S105  (an example)
DEBUG = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "mentara",
    "seeding",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
DATABASES = {"default": dj_database_url.parse(os.environ.get("DATABASE_URL") or "sqlite:///clinic.sqlite3")}
AUTH_USER_MODEL = "mentara.User"
ROOT_URLCONF = "agenda"
USE_TZ = True
