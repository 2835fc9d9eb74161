"""The demo world: courses, simulated learners and the command that shows the product (demo).

Nothing here imports the product. The world knows it only as anybody else does: by its commands,
its pages and its HTTP interfaces.
"""
