"""What is a surface of the product, and which experiment opens it? (L5)

Every one opens with a sentence, an experiment and an off-switch: to a tenth of the learners first,
further only on evidence, and to nobody at all once its switch is thrown.
"""

from dataclasses import dataclass
from types import ModuleType

from experiments.data import OPENING, Plan

WITHOUT, WITH = "without", "with"
LOOK_DAYS = (14, 21, 28)


@dataclass(frozen=True, slots=True)
class Surface:
    """One place of the product that a learner meets."""

    key: str
    code: int  # 1..255, never changed and never reused; one number range with the lists of picks
    sentence: str  # what it is, for people
    opening: Plan  # the experiment by which it is opened

    @property
    def off_switch(self) -> str:
        """Return the flag that closes it for everybody, at once."""
        return f"surface-{self.key}-off"

    @property
    def early(self) -> str:
        """Return the flag that opens it to the accounts listed there, who are not counted."""
        return f"surface-{self.key}-early"


def declared(module: ModuleType) -> Surface:
    """Return the surface a file of this package declares by its constants."""
    return Surface(
        key=module.KEY,
        code=module.CODE,
        sentence=module.SENTENCE,
        opening=Plan(
            key=OPENING + module.KEY,
            title=module.SENTENCE,
            hypothesis=module.HYPOTHESIS,
            surfaces=(module.KEY,),
            primary_metric=module.PRIMARY,
            guardrails=module.GUARDRAILS,
            mde=module.MDE,
            baseline_mean=module.MEAN,
            baseline_sd=module.SD,
            planned_per_arm=0,  # as many as its smallest effect needs; see `ensure_experiment`
            look_days=LOOK_DAYS,
            variants=(WITHOUT, WITH),
            shares=(0.5, 0.5),
            salt=f"{OPENING}{module.KEY}:1",
            serves=module.SERVES,
            decision_rule=(
                "Ship where the first metric is better and no guardrail fell by more than its "
                "margin; roll back where learners get on less well; otherwise go on or leave it."
            ),
        ),
    )
