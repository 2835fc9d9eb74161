"""L3: is what arrives still what models learned from? One file per question."""
