"""Speed, measured: ratios side by side in one run, against a limit and against what a user would do instead."""
