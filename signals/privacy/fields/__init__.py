"""L1 and L2: why is each field of each table kept, how long, and who reads it?"""
