"""Imported once by the server that worker processes are forked from, so that each begins with everything loaded."""

import django

django.setup()
