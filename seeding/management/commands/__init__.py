"""The commands seed, verify_minimums, dump_seed, profile_seed and read_seed."""
