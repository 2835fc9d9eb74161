"""Does `make conformance` serve what the public suite asks for, and pass its verdict on?"""

from pathlib import Path
from shutil import which

import pytest
from django.core.management import CommandError, call_command

from signals.management.commands.run_conformance import RUNNER, ask

NODE = which("node")
# As the suite does: Basic auth with the pair it was given, one statement, one look at it.
ASKS = """
const at = name => process.argv[process.argv.indexOf(name) + 1];
const pair = Buffer.from(at('--authUser') + ':' + at('--authPassword')).toString('base64');
const headers = {
  'Authorization': 'Basic ' + pair,
  'Content-Type': 'application/json',
  'X-Experience-API-Version': at('--xapiVersion'),
};
const body = JSON.stringify({
  actor: {mbox: 'mailto:a@x.example'}, verb: {id: 'x:did'}, object: {id: 'x:it'},
});
(async () => {
  const url = at('--endpoint') + '/statements';
  const sent = await fetch(url, {method: 'POST', headers, body});
  const ids = await sent.json();
  const kept = await fetch(url + '?statementId=' + ids[0], {headers});
  process.exit(kept.status === 200 && (await kept.json()).verb.id === 'x:did' ? 0 : 3);
})();
"""
# As the suite does: an exit code is one byte, its log says how many it were.
MANY = """
const fs = require('fs');
fs.mkdirSync('logs');
fs.writeFileSync('logs/a.log', JSON.stringify({summary: {total: 1365, failed: 256}}));
process.exit(256);
"""


def suite(folder: Path, script: str) -> Path:
    """Make a folder like a copy of the suite."""
    (folder / RUNNER).parent.mkdir()
    (folder / "node_modules").mkdir()
    (folder / RUNNER).write_text(script)
    return folder


@pytest.mark.skipif(NODE is None, reason="no Node.js")
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("script", "code"), [(ASKS, 0), ("process.exit(7)", 7), (MANY, 256)], ids=["0", "7", "256"]
)
def test_the_suite_is_served_and_its_verdict_is_ours(
    tmp_path: Path, script: str, code: int
) -> None:
    assert ask(NODE or "", suite(tmp_path, script), "1.0.3") == code


def test_a_folder_that_holds_no_suite_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="npm install"):
        call_command("run_conformance", tmp_path)
