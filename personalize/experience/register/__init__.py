"""L5: which features choose or say something by a model, why, how risky, and who answers for it?"""
