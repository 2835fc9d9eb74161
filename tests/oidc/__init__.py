"""Sign-in by a school: Northway against a provider of another make, over HTTP."""
