"""How does somebody begin? (L5) A conversation of at most four questions, and a first path."""

KEY = "onboarding"
CODE = 2
SENTENCE = "Four questions at the start"
HYPOTHESIS = (
    "If newcomers are asked for a goal, what they know, their time and by when, then more of them "
    "begin a course in their first minutes, because what they see answers what they came for."
)
PRIMARY = "activation"
GUARDRAILS = ("modules_completed",)
MDE = 0.2
MEAN = 0.2
SD = 0.4
SERVES = "Newcomers find a sensible first course without searching a catalogue they do not know."
