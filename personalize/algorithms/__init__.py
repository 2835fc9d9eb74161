"""L3, pure: recommenders, blending, explanation, evaluation on arrays."""
