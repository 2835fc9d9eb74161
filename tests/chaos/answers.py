"""What were pages answered that asked for lists, and was each answer true?"""

import json
import threading
from collections import Counter
from dataclasses import dataclass, field

from personalize.data import Source

SHED = frozenset({429, 503})
OF_A_MODEL = frozenset({Source.MODEL, Source.LAST_GOOD})


@dataclass
class Answers:
    """Counts of answers by status and source; what was wrong about any, in words."""

    statuses: Counter[int] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)  # what was said with a 4xx or 5xx
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, status: int, body: bytes, retry_after: str) -> None:
        """Take down one answer; status 0 stands for none at all."""
        told = json.loads(body) if status == 200 else {}
        with self.lock:
            self.statuses[status] += 1
            if status == 200:
                self._read(told)
                return
            self.refusals[body.decode(errors="replace")[:200]] += bool(status)
            if status in SHED and not retry_after:
                self.wrong.append(f"{status} without Retry-After")

    def _read(self, told: dict[str, object]) -> None:
        source, model = str(told["source"]), str(told.get("model") or "")
        self.sources[source] += 1
        self.models[model] += 1
        if source not in set(Source):
            self.wrong.append(f"no such source: {source}")
        if not told["items"]:
            self.wrong.append(f"an empty list from {source}")
        if source in OF_A_MODEL and not model:
            self.wrong.append(f"{source} names no model")
