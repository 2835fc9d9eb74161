"""Do flags that come from Unleash keep who is in? Runs its client specification.

A file of the specification, or the folder of all of them. No database.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.management.vectors.report import Report
from experiments.stats import unleash

DRAW = 0.5  # cases that need chance are on or off whatever it says

_TARGETING = (
    "who is targeted is said in GrowthBook's language here (experiments/stats/targeting.py)"
)
_PROTOCOL = "this product is no client of an Unleash server"
OUT_OF_SCOPE: Mapping[str, str] = {
    "06-remote-address-strategy": "addresses of learners are not kept",
    "13-constraint-operators": _TARGETING,
    "14-constraint-semver-operators": _TARGETING,
    "15-global-constraints": _TARGETING,
    "17-dependent-features": _TARGETING,
    "19-delta-api-hydration": _PROTOCOL,
    "20-delta-api-events": _PROTOCOL,
    "21-regex-constraint-operators": _TARGETING,
    "22-cidr-constraint-operator": _TARGETING,
}


def run(path: Path) -> Report:
    """Run a file of cases, or every file of a folder."""
    report = Report()
    for file in sorted(path.glob("*.json")) if path.is_dir() else [path]:
        _run_section(json.loads(file.read_text(encoding="utf-8")), report)
    return report


def _run_section(given: Mapping[str, Any], report: Report) -> None:
    section = given["name"]
    plain, variants = given.get("tests", ()), given.get("variantTests", ())
    if section in OUT_OF_SCOPE:
        report.skip(section, len(plain) + len(variants), reason=OUT_OF_SCOPE[section])
        return
    flags = {flag["name"]: flag for flag in given["state"]["features"]}
    for cases, ask in ((plain, unleash.is_enabled), (variants, unleash.variant)):
        for case in cases:
            flag = flags.get(case["toggleName"], {"name": case["toggleName"], "enabled": False})
            found = ask(flag, case["context"], draw=DRAW)
            report.judge(section, case["description"], found=found, wanted=case["expectedResult"])
