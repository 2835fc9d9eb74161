"""L1: where do events go while PostgreSQL is away? Sealed to disk, and stored when it is back."""
