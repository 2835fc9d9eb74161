"""Which way leads to a goal? (L5) The learning path over several courses."""

KEY = "path"
CODE = 3
SENTENCE = "A learning path to a goal"
HYPOTHESIS = (
    "If a learner with a goal sees a path of courses that fits their time and skips what they "
    "know, then they complete more modules, because the next step is always clear."
)
PRIMARY = "modules_completed"
GUARDRAILS = ("courses_completed", "return")
MDE = 0.1
MEAN = 2.0
SD = 3.0
SERVES = "Learners reach what they came for in the order that makes it easiest."
