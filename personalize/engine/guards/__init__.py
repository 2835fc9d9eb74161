"""L3: one file per guardrail of a canary and the registry that lists them."""
