"""What does a learner see first? (L4) The picks on the home page."""

KEY = "home"
CODE = 1
SENTENCE = "Picks on the learner's home page"
UNIT = "course"
EXPERIMENT = "model-vs-generic"
OFF_SWITCH = "surface-home-off"
K = 12
