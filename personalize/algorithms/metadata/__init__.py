"""L3, pure: what does a text teach, how hard is it, what comes before it? Arrays in, scores out."""
