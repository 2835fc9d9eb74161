"""What is one fault? A file of this folder says it with these names, see `registry`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType

from tests.chaos.answers import Answers
from tests.chaos.product import Product
from tests.signals.spool.deployment import Ledger


@dataclass
class Scene:
    """What a fault finds: the product, and the books of those who use it meanwhile."""

    product: Product
    ledger: Ledger
    answers: Answers
    refused: int = 0  # bodies that were sent to be refused, and were
    notes: list[str] = field(default_factory=list)  # what is wrong beside the books, in words


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault."""

    key: str
    title: str
    strike: Callable[[Scene], None]
    hangs_up: bool  # a worker dies, so that some are answered nothing at all
    sheds: bool  # 429 or 503 is a right answer to who asks for a list
    needs_root: bool = False  # it mounts a file system


def of_module(module: ModuleType) -> Fault:
    """Return the fault of a file."""
    return Fault(
        key=module.__name__.rpartition(".")[2],
        title=module.TITLE,
        strike=module.strike,
        hangs_up=getattr(module, "HANGS_UP", False),
        sheds=getattr(module, "SHEDS", False),
        needs_root=getattr(module, "NEEDS_ROOT", False),
    )
