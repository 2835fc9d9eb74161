"""Questions over the demo catalogue, written before any answering was tuned; read by `reading`."""
