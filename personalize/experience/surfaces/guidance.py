"""What can be done here? (L5) The first five minutes, the next step, and a tip where it helps."""

KEY = "guidance"
CODE = 6
SENTENCE = "A tour of the first five minutes, and tips"
HYPOTHESIS = (
    "If newcomers are shown three things that can be done here, one after the other and where "
    "they are done, then more of them begin a course at once, because the first step is small."
)
PRIMARY = "activation"
GUARDRAILS = ("modules_completed",)
MDE = 0.2
MEAN = 0.2
SD = 0.4
SERVES = "Newcomers know within minutes what they can do here and how to steer it."
