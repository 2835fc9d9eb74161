"""L1: is this a statement? Pure rules of xAPI 1.0.3 and 2.0: no framework, no database."""
