"""Measurement: registration, assignment, exposure, read-out. It stands before any model."""
