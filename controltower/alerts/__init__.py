"""People at the controls: what must not stay as it is? One file per alert and the registry."""
