"""The admin of every table, a file for each subject."""

from mentara.admin import assessments, billing, communities, engagement, messaging, therapy, users

__all__ = ["assessments", "billing", "communities", "engagement", "messaging", "therapy", "users"]
