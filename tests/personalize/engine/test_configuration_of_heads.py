"""Is how probabilities are learned a part of what makes a model?"""

from typing import Any

import msgspec

from personalize.algorithms.heads.training import COMPLETE, RULES
from personalize.engine import configuration
from personalize.engine.configuration import Configuration

# What the same had before heads were a part of it.
DIGEST_BEFORE = "ff1894851ce50315ae6a25710138cac45d5514a3faa811946db3eeb6fe0f2f3c"
BEFORE = Configuration(revision=1, serves="x", members=("x",), parameters={"x": {"k": 3}})


def with_heads(**changed: Any) -> Configuration:
    """Return what this code trains, with other rules for one head."""
    current = configuration.current()
    heads = current.heads | {COMPLETE: {**RULES[COMPLETE], **changed}}
    return msgspec.structs.replace(current, heads=heads)


def test_another_rule_of_a_head_is_another_configuration_and_told_in_words() -> None:
    current, other = configuration.current(), with_heads(points_least=0.9)
    assert current.digest == with_heads().digest
    assert current.digest != other.digest
    assert configuration.changed(other, current) == ("complete: points_least is 0.5, it was 0.9.",)


def test_only_the_rules_of_this_code_can_be_trained() -> None:
    assert configuration.trainable(configuration.current())
    assert not configuration.trainable(with_heads(points_least=0.9))
    assert not configuration.trainable(msgspec.structs.replace(configuration.current(), heads={}))


def test_a_configuration_from_before_heads_were_written_down_keeps_its_name() -> None:
    assert BEFORE.digest == DIGEST_BEFORE
    said = " ".join(configuration.changed(BEFORE, configuration.current()))
    assert "not known how the probabilities" in said


def test_rules_of_heads_are_the_same_once_stored() -> None:
    stored = msgspec.json.encode(configuration.current())
    assert msgspec.json.decode(stored, type=Configuration).digest == configuration.current().digest
    assert msgspec.json.decode(stored, type=Configuration) == configuration.current()
