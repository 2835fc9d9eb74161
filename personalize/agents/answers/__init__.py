"""L5: what does a course say about this? Answers are sentences of its lessons, with their place."""
