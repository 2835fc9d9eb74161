"""People at the controls: one file per drill-down and the registry that lists them."""
