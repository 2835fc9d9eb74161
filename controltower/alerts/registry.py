"""People at the controls: which alerts are there? The next one is a file and a line here."""

from collections.abc import Mapping
from types import MappingProxyType

from controltower.alerts import (
    counting,
    drifted,
    late_requests,
    missed_lists,
    served_worse,
    silent_sources,
    slow_lists,
    unwatched,
)
from controltower.alerts.rule import Rule

MODULES = (
    counting,
    silent_sources,
    drifted,
    slow_lists,
    missed_lists,
    late_requests,
    unwatched,
    served_worse,
)
RULES: Mapping[str, Rule] = MappingProxyType({module.RULE.key: module.RULE for module in MODULES})
