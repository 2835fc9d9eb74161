"""L5: what can be done here, what was done since last time, and a tip where it helps."""
