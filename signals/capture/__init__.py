"""L1: how events come in: contract, doors, one durable transaction."""
