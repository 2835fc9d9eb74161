"""What goes well with this course? (L4) The short list beside a course."""

KEY = "course"
CODE = 2
SENTENCE = "Next to a course"
UNIT = "course"
EXPERIMENT = ""
OFF_SWITCH = "surface-course-off"
K = 3
