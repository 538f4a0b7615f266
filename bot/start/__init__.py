"""The starts: each builds the parts that it needs and joins them. Nothing else builds anything."""
