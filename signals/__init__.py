"""L1 behavioural data and L2 signal processing: what arrives, and what may be kept."""
