"""L5: agents that propose. They see aggregates only, and the 200 ms path never reaches them.

Empty on purpose: the import contracts name this package, so that the first agent meets them.
"""
