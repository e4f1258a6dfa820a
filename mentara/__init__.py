"""The Mentara platform: its database schema as Django models, its admin, its settings."""
