"""What does a world know of the product? An address and a key; it takes lists, sends events (demo).

The header `X-Northway-Now` moves the product's clock for each of these requests.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from demo.client import Client, ProductError
from demo.diary import Event, Slate
from demo.groups import groups_of

SHOWN = 12  # courses on a list


@dataclass(frozen=True, slots=True)
class Product:
    """The product as the world knows it: an address, a key, and how much of it to take.

    `pause_s` is slept after each request on each connection, to leave room for others.
    """

    client: Client
    key: str
    connections: int = 4
    pause_s: float = 0.0

    def _post(self, path: str, body: object, at: datetime) -> dict[str, object]:
        told: dict[str, object] = self.client.post(
            path,
            body,
            headers={"Authorization": f"Bearer {self.key}", "X-Northway-Now": at.isoformat()},
        )
        time.sleep(self.pause_s)
        return told

    def slate(self, external: str, at: datetime) -> Slate:
        """Ask for one learner's list on the home page at that moment."""
        asked = {"learner": external, "surface": "home", "unit": "course", "k": SHOWN}
        told = self._post("/personalize/v1/recommendations", asked, at)
        items: list[dict[str, str]] = told["items"]  # type: ignore[assignment]  # JSON
        return Slate(str(told["request_id"]), tuple(item["course"] for item in items))

    def tell(self, external: str, at: datetime) -> None:
        """Say of what kind a learner is."""
        self._post("/signals/v1/groups", {"learner": external, **groups_of(external)}, at)

    def take(self, events: Sequence[Event], at: datetime) -> None:
        """Send events; raise ProductError when one of them is refused as malformed."""
        told = self._post(
            "/signals/v1/batch", {"sent_at": at.isoformat(), "batch": list(events)}, at
        )
        if told["quarantined"]:
            raise ProductError(f"{told['quarantined']} events were refused: {told['errors']}")
