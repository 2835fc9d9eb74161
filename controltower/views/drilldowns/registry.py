"""People at the controls: which drill-downs are there? The next one is a file and a line here."""

from collections.abc import Mapping
from types import MappingProxyType

from controltower.views.drilldowns import (
    cohort_quality,
    drift_features,
    funnel,
    latency,
    learning_curve,
    retention,
    returns,
    revenue,
    tradeoff,
)
from controltower.views.drilldowns.kind import Drilldown

MODULES = (
    learning_curve,
    tradeoff,
    cohort_quality,
    revenue,
    drift_features,
    latency,
    funnel,
    retention,
    returns,
)
DRILLDOWNS: Mapping[str, Drilldown] = MappingProxyType(
    {module.DRILLDOWN.key: module.DRILLDOWN for module in MODULES}
)
