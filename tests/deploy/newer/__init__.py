"""What a next version brings along, for tests of how it comes in: columns and an index."""
