"""L1 and L2: in which words do declarations of fields say how long, and who reads?"""

from signals.privacy.requests import KEPT
from signals.privacy.retention import DERIVED_MONTHS, RAW_MONTHS
from signals.sealing import DAY_KEY_DAYS

RAW = f"{RAW_MONTHS} months"
DERIVED = f"{DERIVED_MONTHS} months after the last step"
SEALED = f"{DAY_KEY_DAYS} days"
PROOF = f"{KEPT.days // 365} years after it was done"
KNOWN = "until the learner is erased or forgotten"
GOOD = "for good"
CHANGED = "until it is changed or removed"
WORK = "until the work is done"

LEARNER = "the learner"
PRODUCT = "the product"
SOURCE = "the source that sent it"
ADMIN = "administrators"
PRIVACY = "privacy officers"
STAFF = "everyone at the controls"
EVERYONE = "everyone"

OWN = (LEARNER, PRODUCT)
