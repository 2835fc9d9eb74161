"""L3: one file per promotion gate and the registry that lists them."""
