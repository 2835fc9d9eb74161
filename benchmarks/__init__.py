"""How fast is it, against what? The product and a plain Django baseline in one run."""
