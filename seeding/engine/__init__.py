"""The kernel: minimums, gaps, keyed draws, windows, bulk writing. Knows Django, nothing of Mentara."""
