"""The baseline: what a good developer writes in an afternoon with DRF, the ORM and implicit."""
