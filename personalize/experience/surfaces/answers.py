"""What does the course say about this? (L5) Questions answered from the course's own text."""

KEY = "answers"
CODE = 4
SENTENCE = "Questions answered from a course's own text"
HYPOTHESIS = (
    "If learners can ask a course and are shown the sentences that answer, with their place, then "
    "they complete more modules, because a question no longer ends the session."
)
PRIMARY = "modules_completed"
GUARDRAILS = ("quiz_score", "return")
MDE = 0.1
MEAN = 2.0
SD = 3.0
SERVES = "Learners who are stuck find the place that helps them on, and go on learning."
