"""L5: one message to a group that stands still: proposed, approved by a person, given, measured."""
