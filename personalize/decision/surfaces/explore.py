"""What is new for this learner? (L4) The short list on top of the catalogue."""

KEY = "explore"
CODE = 3
SENTENCE = "On top of the catalogue"
UNIT = "course"
EXPERIMENT = ""
OFF_SWITCH = "surface-explore-off"
K = 6
