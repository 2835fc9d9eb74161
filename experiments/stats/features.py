"""What does a flag or an experiment of GrowthBook's specification give a unit? (pure)

Plans, rules and attributes are the specification's JSON (SDK specification 0.8.0). Nothing here
reads a clock or a table: `Sticky` documents come in with the context, and go out with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from experiments.stats.bucketing import (
    bucket_ranges,
    choose_range,
    growthbook_hash,
    in_namespace,
    in_range,
)
from experiments.stats.targeting import Groups, meets

Json = Mapping[str, Any]
Sticky = dict[
    str, dict[str, Any]
]  # "attribute||value" -> attributeName, attributeValue, assignments

EXPERIMENT_FIELDS = (
    "condition",
    "coverage",
    "weights",
    "hashAttribute",
    "fallbackAttribute",
    "disableStickyBucketing",
    "bucketVersion",
    "minBucketVersion",
    "namespace",
    "meta",
    "ranges",
    "name",
    "phase",
    "seed",
    "hashVersion",
    "filters",
    "parentConditions",
)


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, and what is known: the unit's attributes, all flags, saved groups."""

    attributes: Json = field(default_factory=dict)
    features: Json = field(default_factory=dict)
    groups: Groups = field(default_factory=dict)
    bandits: Json = field(default_factory=dict)
    forced: Mapping[str, int] = field(default_factory=dict)
    url: str = ""
    enabled: bool = True
    qa_mode: bool = False
    sticky: Sticky | None = None  # changed in place where a new arm is to be kept


@dataclass(frozen=True, slots=True)
class Outcome:
    """The arm of one experiment; hash_used is False where the arm was forced or none was drawn."""

    variation: int
    value: Any
    key: str
    in_experiment: bool
    hash_used: bool
    hash_attribute: str
    hash_value: Any
    feature: str | None = None
    bucket: float | None = None
    sticky_used: bool = False
    passthrough: bool = False


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The value of one flag, and why."""

    value: Any
    source: str
    rule: str = ""
    experiment: Json | None = None
    outcome: Outcome | None = None


def evaluate(key: str, context: Context) -> Evaluation:
    """Return the value of a flag; an unknown one has none."""
    return _evaluate(key, context, ())


def _evaluate(key: str, context: Context, asked: tuple[str, ...]) -> Evaluation:
    if key in asked:
        return Evaluation(None, "cyclicPrerequisite")
    if key not in context.features:
        return Evaluation(None, "unknownFeature")
    feature = context.features[key]
    for rule in feature.get("rules") or ():
        found = _by_rule(rule, key, context, (*asked, key))
        if found is not None:
            return found
    return Evaluation(feature.get("defaultValue"), "defaultValue")


def _by_rule(rule: Json, key: str, context: Context, asked: tuple[str, ...]) -> Evaluation | None:
    """Return what a rule gives, or None where the next one is to be asked."""
    source, gated = _prerequisites(rule, context, asked)
    if source:
        return Evaluation(None, source) if gated else None
    if _filtered_out(rule.get("filters") or (), context):
        return None
    if "force" in rule:
        fits = meets(context.attributes, rule.get("condition") or {}, groups=context.groups)
        if fits and _in_rollout(rule, key, context):
            return Evaluation(rule["force"], "force", rule=rule.get("id", ""))
        return None
    experiment = _experiment_of(rule, key, context)
    if experiment is None:
        return None
    outcome = _run(experiment, context, feature=key, asked=asked)
    if not outcome.in_experiment or outcome.passthrough:
        return None
    return Evaluation(
        outcome.value,
        "experiment",
        rule=rule.get("id", ""),
        experiment=experiment if outcome.hash_used else _without_bandit(experiment),
        outcome=outcome,
    )


def _without_bandit(experiment: Json) -> Json:
    return {name: value for name, value in experiment.items() if name != "contextualBandit"}


def _experiment_of(rule: Json, key: str, context: Context) -> dict[str, Any] | None:
    """Return the experiment a rule describes, or None where it describes none."""
    arms = rule.get("contextualVariations") or rule.get("variations")
    if not arms:
        return None
    experiment: dict[str, Any] = {name: rule[name] for name in EXPERIMENT_FIELDS if name in rule}
    experiment |= {"key": rule.get("key") or key, "variations": arms}
    bandit = context.bandits.get(rule.get("contextualBanditRef", ""))
    if "contextualVariations" in rule and bandit is not None:
        leaf = next(
            (
                leaf
                for leaf in bandit.get("contexts") or ()
                if meets(context.attributes, leaf.get("condition") or {}, groups=context.groups)
            ),
            {"leafId": -1, "weights": rule.get("weights")},
        )
        experiment["weights"] = leaf["weights"]
        chosen = {"leafId": leaf["leafId"], "variationWeights": leaf["weights"]}
        if "banditVersion" in bandit:
            chosen["banditVersion"] = bandit["banditVersion"]
        experiment["contextualBandit"] = chosen
    return experiment


def _prerequisites(wanted: Json, context: Context, asked: tuple[str, ...]) -> tuple[str, bool]:
    """Return which prerequisite of a rule or experiment fails ('' is none), and whether for all."""
    for parent in wanted.get("parentConditions") or ():
        found = _evaluate(parent["id"], context, asked)
        if found.source == "cyclicPrerequisite":
            return "cyclicPrerequisite", True
        condition = parent.get("condition") or {}
        if not meets({"value": found.value}, condition, groups=context.groups):
            return "prerequisite", bool(parent.get("gate"))
    return "", False


def _hashed(
    context: Context, attribute: str | None, fallback: str | None = None
) -> tuple[str, Any]:
    """Return which attribute is hashed, and its value ('' where the unit has none)."""
    name = attribute or "id"
    value = context.attributes.get(name)
    if not value and fallback and context.sticky is not None:
        other = context.attributes.get(fallback)
        if other:
            return fallback, other
    return name, value or ""


def _fallback(wanted: Json) -> str | None:
    return None if wanted.get("disableStickyBucketing") else wanted.get("fallbackAttribute")


def _in_rollout(rule: Json, key: str, context: Context) -> bool:
    coverage, within = rule.get("coverage"), rule.get("range")
    if coverage is None and within is None:
        return True
    _, value = _hashed(context, rule.get("hashAttribute"), _fallback(rule))
    if value == "" or (coverage == 0 and within is None):
        return False
    place = growthbook_hash(
        seed=rule.get("seed") or key, value=str(value), version=rule.get("hashVersion") or 1
    )
    if place is None:
        return False
    return in_range(place, within) if within is not None else place <= float(coverage or 0)


def _filtered_out(filters: Sequence[Json], context: Context) -> bool:
    return not all(_passes(one, context) for one in filters)


def _passes(one: Json, context: Context) -> bool:
    _, value = _hashed(context, one.get("attribute"))
    if value == "":
        return False
    place = growthbook_hash(
        seed=one.get("seed", ""), value=str(value), version=one.get("hashVersion") or 2
    )
    return place is not None and choose_range(place, one["ranges"]) >= 0


def query_override(key: str, url: str, arms: int) -> int | None:
    """Return the arm an address asks for (?key=1), or None."""
    asked = parse_qs(urlsplit(url).query).get(key, [""])[0]
    if not asked.isascii() or not asked.isdigit() or int(asked) >= arms:
        return None
    return int(asked)


def run(experiment: Json, context: Context) -> Outcome:
    """Return the arm of an experiment; the first one, not in it, where the unit takes no part."""
    return _run(experiment, context, feature=None, asked=())


def _run(
    experiment: Json, context: Context, *, feature: str | None, asked: tuple[str, ...]
) -> Outcome:
    key, arms = experiment["key"], len(experiment["variations"])
    nowhere = _outcome(experiment, context, -1, feature=feature)
    if arms < 2 or not context.enabled:
        return nowhere
    forced = query_override(key, context.url, arms)
    if forced is None:
        forced = context.forced.get(key)
    if forced is not None:
        return _outcome(experiment, context, forced, feature=feature)
    if experiment.get("status") == "draft" or not experiment.get("active", True):
        return nowhere
    name, value = _hashed(context, experiment.get("hashAttribute"), _fallback(experiment))
    if value == "":
        return nowhere
    kept, blocked = _kept_arm(experiment, context)
    if blocked or (kept < 0 and not _eligible(experiment, context, str(value), asked)):
        return nowhere
    place = growthbook_hash(
        seed=experiment.get("seed") or key,
        value=str(value),
        version=experiment.get("hashVersion") or 1,
    )
    arm = kept if kept >= 0 else _drawn(experiment, place)
    if place is None or arm < 0:
        return nowhere
    if experiment.get("force") is not None:
        return _outcome(experiment, context, experiment["force"], feature=feature)
    if context.qa_mode or experiment.get("status") == "stopped":
        return nowhere
    outcome = _outcome(experiment, context, arm, feature=feature, bucket=place, sticky=kept >= 0)
    _keep(experiment, context, name, value, outcome.key)
    return outcome


def _drawn(experiment: Json, place: float | None) -> int:
    if place is None:
        return -1
    coverage = experiment.get("coverage")
    ranges = experiment.get("ranges") or bucket_ranges(
        len(experiment["variations"]),
        coverage=1.0 if coverage is None else coverage,
        weights=experiment.get("weights"),
    )
    return choose_range(place, ranges)


def _eligible(experiment: Json, context: Context, value: str, asked: tuple[str, ...]) -> bool:
    filters, namespace = experiment.get("filters"), experiment.get("namespace")
    if filters:
        if _filtered_out(filters, context):
            return False
    elif namespace and not in_namespace(value=value, namespace=namespace):
        return False
    if not meets(context.attributes, experiment.get("condition") or {}, groups=context.groups):
        return False
    return not _prerequisites(experiment, context, asked)[0]


def _sticky_name(experiment: Json, version: int) -> str:
    return f"{experiment['key']}__{version}"


def _sticks(experiment: Json, context: Context) -> bool:
    return context.sticky is not None and not experiment.get("disableStickyBucketing")


def _kept_arm(experiment: Json, context: Context) -> tuple[int, bool]:
    """Return the arm the unit had (-1 is none), and whether an older one bars it for good."""
    if context.sticky is None or not _sticks(experiment, context):
        return -1, False
    kept: dict[str, str] = {}
    names = [experiment.get("fallbackAttribute"), experiment.get("hashAttribute") or "id"]
    for name in filter(None, names):  # the attribute itself overrides its fallback
        document = context.sticky.get(f"{name}||{context.attributes.get(name, '')}", {})
        kept |= document.get("assignments", {})
    oldest = experiment.get("minBucketVersion") or 0
    if any(_sticky_name(experiment, version) in kept for version in range(oldest)):
        return -1, True
    arm_key = kept.get(_sticky_name(experiment, experiment.get("bucketVersion") or 0))
    keys = [meta.get("key") for meta in experiment.get("meta") or ()]
    return (keys.index(arm_key) if arm_key in keys else -1), False


def _keep(experiment: Json, context: Context, name: str, value: Any, arm_key: str) -> None:
    if context.sticky is None or not _sticks(experiment, context):
        return
    document = context.sticky.setdefault(
        f"{name}||{value}",
        {"attributeName": name, "attributeValue": str(value), "assignments": {}},
    )
    version = experiment.get("bucketVersion") or 0
    document["assignments"][_sticky_name(experiment, version)] = arm_key


def _outcome(
    experiment: Json,
    context: Context,
    arm: int,
    *,
    feature: str | None,
    bucket: float | None = None,
    sticky: bool = False,
) -> Outcome:
    arms = experiment["variations"]
    takes_part = 0 <= arm < len(arms)
    number = arm if takes_part else 0
    metas = experiment.get("meta") or ()
    meta = metas[number] if number < len(metas) else {}
    name, value = _hashed(context, experiment.get("hashAttribute"), _fallback(experiment))
    return Outcome(
        variation=number,
        value=arms[number] if arms else None,
        key=meta.get("key") or str(number),
        in_experiment=takes_part,
        hash_used=takes_part and bucket is not None,
        hash_attribute=name,
        hash_value=value,
        feature=feature,
        bucket=bucket,
        sticky_used=sticky,
        passthrough=bool(meta.get("passthrough")),
    )
