"""L4: what would other rules do to the lists of the last requests, and what did they do?"""
