"""Two machines on one database, each in a network of its own that can be cut."""
