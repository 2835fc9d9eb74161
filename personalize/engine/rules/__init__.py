"""L3: one file per rule of what models may learn from, and the registry that lists them."""
