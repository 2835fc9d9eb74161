"""Chains the ledger under a key made from the master key, and refuses TRUNCATE too.

Entries written before are checked by the old rule first, then hashed anew: a chain that was
tampered with is not made good by this.
"""

import hmac
import json
from datetime import UTC
from hashlib import sha256

from django.db import migrations

from signals.sealing import ledger_key

CHUNK = 2000

OPEN_SQL = "DROP TRIGGER ledger_append_only ON signals_ledgerentry"
CLOSE_SQL = """
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON signals_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION signals_ledger_refuse();
"""
KEEP_SQL = """
CREATE TRIGGER ledger_not_emptied BEFORE TRUNCATE ON signals_ledgerentry
    FOR EACH STATEMENT EXECUTE FUNCTION signals_ledger_refuse();
"""


def said_by(entry):
    covered = {
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
    }
    return json.dumps(covered, sort_keys=True, separators=(",", ":")).encode()


def rehash(apps, schema_editor):
    entries = apps.get_model("signals", "LedgerEntry").objects
    key, old, new = ledger_key(), bytes(32), bytes(32)
    for entry in entries.order_by("sequence").iterator(CHUNK):
        said = said_by(entry)
        was = sha256(old + said).digest()
        if bytes(entry.previous) != old or bytes(entry.digest) != was:
            raise RuntimeError(
                f"The ledger is broken at entry {entry.sequence}. Find out why before you migrate:"
                " this step would hash it anew and hide that."
            )
        digest = hmac.digest(key, new + said, sha256)
        entries.filter(sequence=entry.sequence).update(previous=new, digest=digest)
        old, new = was, digest


class Migration(migrations.Migration):

    dependencies = [
        ('signals', '0003_xapi'),
    ]

    operations = [
        migrations.RunSQL(OPEN_SQL, CLOSE_SQL),
        migrations.RunPython(rehash, migrations.RunPython.noop),
        migrations.RunSQL(CLOSE_SQL, OPEN_SQL),
        migrations.RunSQL(KEEP_SQL, "DROP TRIGGER ledger_not_emptied ON signals_ledgerentry"),
    ]
