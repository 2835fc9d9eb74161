"""L1: the door of xAPI: statements come in, are checked, kept as their source's profile says."""

from signals.capture.xapi import profiles, verbs


def forget_cached() -> None:
    """Empty what this process remembers: the profiles of sources, the rules for verbs."""
    profiles.forget_cached()
    verbs.forget_cached()
