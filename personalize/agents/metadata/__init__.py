"""L5: what could be put right of courses? Proposals with evidence; a person decides."""
