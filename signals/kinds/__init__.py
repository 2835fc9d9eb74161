"""L1: one file per signal kind and the registry that lists them."""
