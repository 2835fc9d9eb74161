"""Arabic: the digits of the figures beside it, in groups as they are."""
