"""L5: language model backends behind one protocol. The 200 ms path never reaches them.

Empty on purpose: the import contracts name this package, so that the first backend meets them.
"""
