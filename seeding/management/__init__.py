"""What `python manage.py` finds here."""
