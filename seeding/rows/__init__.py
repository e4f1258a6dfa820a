"""What one row of each table looks like, in columns: used by the base generators and by the enrichers alike."""
