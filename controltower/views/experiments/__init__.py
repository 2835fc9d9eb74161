"""People at the controls: one file per question a page of experiments answers."""
