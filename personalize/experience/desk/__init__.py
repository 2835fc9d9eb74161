"""L5: what do creators see and do? Gaps chosen, briefs taken step by step, insights of courses."""
