"""Which moment of a recording does a question name? (L3, pure) "19:20" is a place, not two words.

Of several moments the first counts. Hours may be left out: "1:02:03", "62:03".
"""

import re

_MOMENT = re.compile(r"(?<![\d:])(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)(?![\d:])")


def moment(question: str) -> float | None:
    """Return the seconds from the start of the recording, None when no moment is named."""
    found = _MOMENT.search(question)
    if found is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return float(3600 * hours + 60 * minutes + seconds)


def without_moments(question: str) -> str:
    """Return the question without the moments it names."""
    return _MOMENT.sub(" ", question)
