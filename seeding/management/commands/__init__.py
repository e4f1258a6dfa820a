"""The commands seed and verify_minimums."""
