"""L2, pure: one file per rule of signal quality and the registry that lists them."""
