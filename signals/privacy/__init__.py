"""L1 and L2: what may be kept, used, exported and erased."""
