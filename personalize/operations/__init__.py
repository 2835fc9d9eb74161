"""L5, for operators: is the product up, how well does it answer, can it be brought back?"""
