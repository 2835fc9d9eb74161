"""Do we bucket and target as GrowthBook's SDKs do? Runs the cases of its specification.

No database. What is not ours is skipped with its reason.
"""

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from experiments.management.vectors.report import Report
from experiments.stats import bucketing, features, targeting

Case = list[Any]
DECIMALS = 6

OUT_OF_SCOPE: Mapping[str, str] = {
    "decrypt": "plans are rows of this product's own database and are never sent encrypted",
    "urlRedirect": "redirecting from one address to another is done by scripts in a browser; here "
    "arms are served by the page itself",
}
NO_CASES = ("_source", "specVersion")


def run(path: Path) -> Report:
    """Run a file of cases."""
    report = Report()
    sections = json.loads(path.read_text(encoding="utf-8"))
    for section, cases in sections.items():
        if section in NO_CASES:
            continue
        if section in OUT_OF_SCOPE:
            report.skip(section, len(cases), reason=OUT_OF_SCOPE[section])
            continue
        for number, case in enumerate(cases):
            found, wanted = BY_SECTION[section](copy.deepcopy(case))
            name = f"{number}: {case[0]}"
            report.judge(section, name, found=_rounded(found), wanted=_rounded(wanted))
    return report


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, (list, tuple)):
        return [_rounded(one) for one in value]
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return value


def _context(given: Mapping[str, Any], sticky: features.Sticky | None = None) -> features.Context:
    return features.Context(
        attributes=given.get("attributes", {}),
        features=given.get("features", {}),
        groups=given.get("savedGroups", {}),
        bandits=given.get("contextualBandits", {}),
        forced=given.get("forcedVariations", {}),
        url=given.get("url", ""),
        enabled=given.get("enabled", True),
        qa_mode=given.get("qaMode", False),
        sticky=sticky,
    )


def _outcome(outcome: features.Outcome, experiment: Mapping[str, Any]) -> dict[str, Any]:
    shown = {
        "key": outcome.key,
        "featureId": outcome.feature,
        "inExperiment": outcome.in_experiment,
        "hashUsed": outcome.hash_used,
        "hashAttribute": outcome.hash_attribute,
        "hashValue": outcome.hash_value,
        "value": outcome.value,
        "variationId": outcome.variation,
        "stickyBucketUsed": outcome.sticky_used,
    }
    if outcome.bucket is not None:
        shown["bucket"] = outcome.bucket
    return {**shown, **experiment.get("contextualBandit", {})}


def _evaluation(found: features.Evaluation) -> dict[str, Any]:
    shown = {
        "value": found.value,
        "on": bool(found.value),
        "off": not found.value,
        "source": found.source,
        "ruleId": found.rule,
    }
    if found.outcome is not None and found.experiment is not None:
        shown["experiment"] = dict(found.experiment)
        shown["experimentResult"] = _outcome(found.outcome, found.experiment)
    return shown


def _condition(case: Case) -> tuple[object, object]:
    groups = case[4] if len(case) > 4 else {}
    return targeting.meets(case[2], case[1], groups=groups), case[3]


def _hash(case: Case) -> tuple[object, object]:
    seed, value, version, wanted = case
    return bucketing.growthbook_hash(seed=seed, value=value, version=version), wanted


def _ranges(case: Case) -> tuple[object, object]:
    (arms, coverage, weights), wanted = case[1:]
    return bucketing.bucket_ranges(arms, coverage=coverage, weights=weights), wanted


def _feature(case: Case) -> tuple[object, object]:
    _, given, key, wanted = case
    return _evaluation(features.evaluate(key, _context(given))), wanted


def _run(case: Case) -> tuple[object, object]:
    _, given, experiment, *wanted = case
    found = features.run(experiment, _context(given))
    return [found.value, found.in_experiment, found.hash_used], wanted


def _sticky(case: Case) -> tuple[object, object]:
    _, given, documents, key, wanted, wanted_documents = case
    sticky = {f"{one['attributeName']}||{one['attributeValue']}": one for one in documents}
    found = features.evaluate(key, _context(given, sticky))
    shown = _outcome(found.outcome, {}) if found.outcome else None
    return [shown, sticky], [wanted, wanted_documents]


BY_SECTION: Mapping[str, Callable[[Case], tuple[object, object]]] = {
    "evalCondition": _condition,
    "hash": _hash,
    "getBucketRange": _ranges,
    "feature": _feature,
    "contextualBandit": _feature,
    "run": _run,
    "chooseVariation": lambda case: (bucketing.choose_range(case[1], case[2]), case[3]),
    "getQueryStringOverride": lambda case: (features.query_override(*case[1:4]), case[4]),
    "inNamespace": lambda case: (
        bucketing.in_namespace(value=case[1], namespace=case[2]),
        case[3],
    ),
    "getEqualWeights": lambda case: (bucketing.equal_weights(case[0]), case[1]),
    "stickyBucket": _sticky,
}
