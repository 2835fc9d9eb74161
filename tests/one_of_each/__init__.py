"""Is it true that a kind, an algorithm, a gate and a surface are one file and one line each?"""
