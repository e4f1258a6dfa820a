"""Texts composed from the corpus: threads of posts and comments, conversations, what therapy leaves in writing."""
