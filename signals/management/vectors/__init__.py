"""Which vectors run through signals? One file a kind, called by `run_vectors`."""
