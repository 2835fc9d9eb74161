"""People at the controls: admins, analysts, creators, privacy officers."""
