"""Faults on purpose, and a client's own ledger held against what is stored afterwards."""
