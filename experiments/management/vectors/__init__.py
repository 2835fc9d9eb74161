"""Which vectors run through experiments? One file a kind, called by `run_vectors`."""
