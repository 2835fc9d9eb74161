"""Whoever means harm: everything of the product asked for in every wrong way, and counted."""
