"""L3, pure: which text answers a question? Words, sentences and ranking on sparse arrays."""
