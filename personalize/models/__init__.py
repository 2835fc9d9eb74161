"""L3 to L5: the tables of personalize."""
