"""What stands beside a page of the platform? (L4) A short list."""

KEY = "sidebar"
CODE = 200
SENTENCE = "A short list beside a page of the platform"
UNIT = "course"
EXPERIMENT = ""
OFF_SWITCH = "surface-sidebar-off"
K = 4
