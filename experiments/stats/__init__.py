"""Measurement, pure: the mathematics of experiments on sufficient statistics."""
