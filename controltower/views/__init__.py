"""People at the controls: one file per page."""
