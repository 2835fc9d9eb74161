"""L1: files as a door: a catalogue, and the history of interactions, each by one command."""
