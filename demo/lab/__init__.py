"""Worlds whose truth is known, to see what the product finds in them: the lift lab (demo; pure).

Everything is drawn for all learners of a day at once, so that a quarter of a year of thousands of
learners takes seconds. The product sees what comes out of it as events, and nothing else.
"""
