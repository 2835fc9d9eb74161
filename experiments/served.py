"""What was served to the learners of an experiment? Told by the app above (measurement).

Decisions are logged there, and this app never reaches up: the app hands down what can be asked of
its log, as it hands down the surfaces there are.
"""

from experiments.data import ServedReader

NOTHING_SERVED = ServedReader(
    against_will=lambda _periods: 0, model_ages=lambda _learners, _since, _until: ()
)

_reader = NOTHING_SERVED


def tell_served(reader: ServedReader) -> None:
    """Keep who answers; the app that decides calls this as it starts."""
    global _reader
    _reader = reader


def reader() -> ServedReader:
    """Return who answers; without an app above nothing was ever served."""
    return _reader
