"""What is a reminder worth? (L5) A line on the page, or an e-mail, built from facts."""

KEY = "nudges"
CODE = 5
SENTENCE = "Reminders of what was begun"
HYPOTHESIS = (
    "If a learner who stopped in the middle of a course is told once how little is left of the "
    "next step, then they come back within a week, because going on looks as short as it is."
)
PRIMARY = "return"
GUARDRAILS = ("modules_completed", "satisfaction")
MDE = 0.15
MEAN = 0.3
SD = 0.4583
SERVES = "Learners who meant to go on do so, and nobody is reminded who does not want it."
