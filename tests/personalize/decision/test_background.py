"""Threads of a process: told to stop while another starts them, they stop, and nobody is hurt."""

import threading
from collections.abc import Callable
from time import sleep

import pytest

from personalize.decision.background import Repeated
from signals.capture.spool import watch

TIMES = 100
MOMENT_S = 0.001


@pytest.fixture(autouse=True)
def _slow_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a moment between the making of a thread and its start, for others to come between."""
    start = threading.Thread.start

    def slowly(thread: threading.Thread) -> None:
        sleep(MOMENT_S)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", slowly)


def together(*calls: Callable[[], object]) -> list[BaseException]:
    """Repeat each call in a thread of its own, side by side; return what they raised."""
    raised: list[BaseException] = []

    def repeat(call: Callable[[], object]) -> None:
        try:
            for _ in range(TIMES):
                call()
                sleep(MOMENT_S / 2)
        except Exception as error:  # noqa: BLE001  whatever it is, the test tells it
            raised.append(error)

    threads = [threading.Thread(target=repeat, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def alive(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == name]


def test_work_told_to_stop_while_it_starts_stops() -> None:
    name = "repeated-in-a-test"
    work = Repeated(lambda: None, every_s=60, name=name)
    assert together(work.start, work.start, work.stop) == []
    work.stop()
    assert alive(name) == []


def test_the_spools_thread_told_to_stop_while_it_starts_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch, "look", lambda: None)
    assert together(watch.tend, watch.tend, watch.stop) == []
    watch.stop()
    assert alive("northway-spool") == []
