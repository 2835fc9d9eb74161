"""The project package, and L3 models, L4 decisions and L5 experience."""
