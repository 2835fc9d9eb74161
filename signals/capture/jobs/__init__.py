"""L1: what do employers ask for? One file per source of job posts and the registry of them."""
