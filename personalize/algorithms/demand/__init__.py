"""L3, pure: which topics are wanted and hardly covered? Topics, coverage, the gap and its trend."""
