"""What would other rules do to the lists of the last requests? Held against the policy itself."""
