"""Measurement: one file per launch check and the registry that lists them."""
