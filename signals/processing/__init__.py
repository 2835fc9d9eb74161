"""L2, pure: arrays and dataclasses in, features out."""
