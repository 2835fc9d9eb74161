"""Which learners does a flag of Unleash let in, and which variant do they get? (pure)

Gradual rollout and variants as its client specification has them, so that a platform that moves
from Unleash keeps who is in: MurmurHash3 of "group:id", 1 to 100 (variants: 1 to the sum of
weights). Flags and contexts are the specification's JSON.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]

VARIANT_SEED = 86_028_157  # variants are independent of rollouts
_32_BITS = 0xFFFFFFFF
NOT_GIVEN: Json = {"name": "disabled", "enabled": False}


def murmur3(key: bytes, *, seed: int = 0) -> int:
    """Return MurmurHash3 (x86, 32 bits; Appleby 2011) as an unsigned number."""
    value = seed
    whole = len(key) // 4 * 4
    for start in range(0, whole, 4):
        value ^= _mixed(int.from_bytes(key[start : start + 4], "little"))
        value = (_rotated(value, 13) * 5 + 0xE6546B64) & _32_BITS
    if whole < len(key):
        value ^= _mixed(int.from_bytes(key[whole:], "little"))
    value ^= len(key)
    value = ((value ^ (value >> 16)) * 0x85EBCA6B) & _32_BITS
    value = ((value ^ (value >> 13)) * 0xC2B2AE35) & _32_BITS
    return value ^ (value >> 16)


def _rotated(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (32 - bits))) & _32_BITS


def _mixed(block: int) -> int:
    return (_rotated((block * 0xCC9E2D51) & _32_BITS, 15) * 0x1B873593) & _32_BITS


def normalized(*, unit: str, group: str, of: int = 100, seed: int = 0) -> int:
    """Return the unit's place in its group, 1 to `of`."""
    return murmur3(f"{group}:{unit}".encode(), seed=seed) % of + 1


def is_enabled(flag: Json, context: Json, *, draw: float) -> bool:
    """Say whether a flag is on; draw in [0, 1) stands for chance where no id is given.

    What is not read here (flags that depend on others, segments, constraints but IN and NOT_IN)
    lets nobody in.
    """
    if not flag["enabled"] or flag.get("dependencies"):
        return False
    strategies = flag.get("strategies") or ()
    return not strategies or _applied(strategies, context, draw) is not None


def variant(flag: Json, context: Json, *, draw: float) -> dict[str, Any]:
    """Return name, payload and enabled of the variant, and whether the flag is on."""
    if not is_enabled(flag, context, draw=draw):
        return {**NOT_GIVEN, "feature_enabled": False}
    strategy = _applied(flag.get("strategies") or (), context, draw) or {}
    parameters = strategy.get("parameters") or {}
    variants, group = strategy.get("variants"), str(parameters.get("groupId", flag["name"]))
    stickiness = parameters.get("stickiness")
    if not variants:
        variants, group = flag.get("variants") or (), str(flag["name"])
        stickiness = variants[0].get("stickiness") if variants else None
    chosen = _overridden(variants, context) or _drawn(
        variants, context, group=group, stickiness=stickiness or "default", draw=draw
    )
    if chosen is None:
        return {**NOT_GIVEN, "feature_enabled": True}
    payload = {"payload": chosen["payload"]} if "payload" in chosen else {}
    return {"name": chosen["name"], "enabled": True, "feature_enabled": True, **payload}


def _applied(strategies: Sequence[Json], context: Json, draw: float) -> Json | None:
    return next((one for one in strategies if _applies(one, context, draw)), None)


def _applies(strategy: Json, context: Json, draw: float) -> bool:
    constraints = strategy.get("constraints") or ()
    if strategy.get("segments") or not all(_meets(one, context) for one in constraints):
        return False
    parameters = strategy.get("parameters") or {}
    match strategy["name"]:
        case "default":
            return True
        case "userWithId":
            listed = [one.strip() for one in parameters.get("userIds", "").split(",")]
            return bool(context.get("userId")) and context["userId"] in listed
        case "flexibleRollout":
            return _in(parameters, parameters.get("stickiness") or "default", context, draw)
        case "gradualRolloutUserId":
            return _in(parameters, "userId", context, draw)
        case "gradualRolloutSessionId":
            return _in(parameters, "sessionId", context, draw)
        case "gradualRolloutRandom":
            return _in(parameters, "random", context, draw)
    return False  # a strategy that is not known lets nobody in


def _in(parameters: Json, stickiness: str, context: Json, draw: float) -> bool:
    share = int(parameters.get("rollout", parameters.get("percentage", 0)))
    group = parameters.get("groupId", "")
    place = _place(context, stickiness, group=group, of=100, seed=0, draw=draw)
    return place is not None and place <= share


def _place(
    context: Json, stickiness: str, *, group: str, of: int, seed: int, draw: float
) -> int | None:
    """Return the place 1 to `of`; None where the field that should stick is not given."""
    unit = _sticky_value(context, stickiness)
    if unit is not None:
        return normalized(unit=unit, group=group, of=of, seed=seed)
    return int(draw * of) + 1 if stickiness in ("default", "random") else None


def _sticky_value(context: Json, stickiness: str) -> str | None:
    if stickiness == "random":
        return None
    names = ("userId", "sessionId") if stickiness == "default" else (stickiness,)
    return next((value for name in names if (value := _field(context, name))), None)


def _field(context: Json, name: str) -> str | None:
    value = context.get(name, (context.get("properties") or {}).get(name))
    return None if value is None else str(value)


def _meets(constraint: Json, context: Json) -> bool:
    """Say whether IN or NOT_IN holds; another operator is not known and holds for nobody."""
    if constraint["operator"] not in ("IN", "NOT_IN"):
        return False
    listed = _field(context, constraint["contextName"]) in (constraint.get("values") or ())
    wanted = bool(constraint["operator"] == "IN") != bool(constraint.get("inverted"))
    return listed is wanted


def _overridden(variants: Sequence[Json], context: Json) -> Json | None:
    return next(
        (
            one
            for one in variants
            for override in one.get("overrides") or ()
            if _field(context, override["contextName"]) in override["values"]
        ),
        None,
    )


def _drawn(
    variants: Sequence[Json], context: Json, *, group: str, stickiness: str, draw: float
) -> Json | None:
    total = sum(one["weight"] for one in variants)
    if not total:
        return None
    place = _place(context, stickiness, group=group, of=total, seed=VARIANT_SEED, draw=draw)
    if place is None:
        return None
    end = 0
    for one in variants:
        end += one["weight"]
        if place <= end:
            return one
    return None
