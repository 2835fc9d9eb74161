"""Is it somebody who only tries the platform out? (L2, pure)"""

import re

import numpy as np

from signals.processing.activity import Activity, Mask, Surroundings
from signals.processing.rules.rule import Effect, Rule, Severity

KIND = "test"

# Words that stand alone in an id or the local part of an address, and domains that RFC 2606 keeps
# for examples and tests.
_WORD = re.compile(
    r"(?:^|[^a-z0-9])"
    r"(?:(?:(?:load|smoke|e2e|ui|unit|auto|pen|stress)?-?test(?:er|ing|user|account|student|learner)?"
    r"|qa|dummy|sandbox|selenium|cypress|playwright|jmeter|k6)\d*"
    r"|e2e)"  # with a number it is a part of one in 6,000 UUIDs
    r"(?:$|[^a-z0-9])"
)
_DOMAIN = re.compile(r"@(?:[^@]+\.)?(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$")


def looks_like_test(external_id: str) -> bool:
    """Say whether an id gives itself away as a test account; asked once, when it is first met."""
    name = external_id.casefold()
    return bool(_DOMAIN.search(name) or _WORD.search(name.partition("@")[0]))


def find(activity: Activity, surroundings: Surroundings) -> Mask:
    """Return everything where the account is a test account."""
    return np.full(len(activity), surroundings.learner_kind == KIND)


def tell(_: Activity, found: Mask) -> str:
    """Say how much a test account did on a day."""
    return f"{found.sum()} events of a test account on a day"


RULE = Rule(
    code=8,
    name="test_account",
    version=2,
    title="Test account",
    severity=Severity.MEDIUM,
    owner="analyst",
    action="Let the platform send test accounts under ids that begin with test-, or not at all.",
    effect=Effect.NO_WEIGHT,
    find=find,
    tell=tell,
    against_learner=True,
)
