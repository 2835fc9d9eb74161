"""L3, pure: what will become of a course, and how sure is that? Calibrated probabilities."""
