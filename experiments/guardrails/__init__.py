"""Measurement: guardrails every experiment has and no plan can leave out, one file each."""
