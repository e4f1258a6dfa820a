"""Fills a Mentara database with a believable, reproducible world."""
