"""L5: what would a course for a gap be? Briefs made of figures, each with its source."""
