"""Pages as people meet them: in Chromium, with and without JavaScript."""
