"""L4: one file per surface and the registry that lists them."""
