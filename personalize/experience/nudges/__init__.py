"""L5: reminders built from facts: who may be given one, what it says, and how it gets there."""
