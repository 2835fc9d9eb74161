"""English: the day before the month, as the tower and the pages have it."""
