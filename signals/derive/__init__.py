"""L2 conductors: what is computed from events later, by tasks."""
