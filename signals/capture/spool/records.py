"""L1: what does the spool remember of a request? All that is needed to take it in later."""

from datetime import datetime
from uuid import UUID

import msgspec

from signals.capture.intake import Sender

BATCH, STATEMENTS = "batch", "statements"  # doors


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request that was answered before it could be stored."""

    door: str
    received_at: datetime
    source_id: int
    body: bytes
    backfill: bool = False
    only_learner: int | None = None
    crawler: bool = False
    gpc: bool = False  # the browser sent Global Privacy Control
    source: str = ""  # its name: the authority of statements
    content_type: str = ""
    version: str = ""
    store: bool = False
    only_id: UUID | None = None

    @property
    def sender(self) -> Sender:
        """Return who sent it."""
        return Sender(
            self.source_id,
            backfill=self.backfill,
            only_learner=self.only_learner,
            crawler=self.crawler,
        )


def packed(record: Record) -> bytes:
    """Return a record as bytes, to be sealed."""
    return msgspec.msgpack.encode(record)


def unpacked(content: bytes) -> Record:
    """Return the record; ValueError where it is none of ours."""
    return msgspec.msgpack.decode(content, type=Record)
