"""How are days and numbers written, where Django's own ways do not suit? By language."""
