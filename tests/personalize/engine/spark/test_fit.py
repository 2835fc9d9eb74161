"""Between the rows and the factors: what a job is asked, what it may know, how it fails."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from personalize.algorithms.als import Als, Configuration
from personalize.algorithms.base import FloatArray, Interactions
from personalize.engine.engines import EngineUnusable
from personalize.engine.spark import fit
from tests.personalize.algorithms.worlds import checkerboard, rows

WANTED = Configuration(factors=4, regularization=100.0, alpha=30.0)

Job = Callable[[str], Path]


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """Return what stands in for the Spark job; answers where its exported rows would lie."""

    def stand_in(code: str) -> Path:
        at = tmp_path / "job.py"
        head = "import json, os, signal, sys\nasked = json.load(open(sys.argv[1]))\n"
        at.write_text(head + code, encoding="utf-8")
        monkeypatch.setattr(fit, "JOB", at)
        return tmp_path / "spark"

    return stand_in


def ask(root: Path) -> FloatArray:
    far = "spark://far:7077"
    found, _told = fit.factors(checkerboard(), WANTED, iterations=8, seed=1, master=far, root=root)
    return found


def test_factors_come_back_in_our_scale_and_nothing_stays(job: Job) -> None:
    root = job(
        "import numpy as np\n"
        "assert os.listdir(asked['rows']) == ['part=0000']\n"
        "assert not [name for name in asked['settings'] if 'memory' in name]\n"
        "np.save(asked['out'], np.full((asked['courses'], asked['factors']), asked['alpha']))\n"
        "json.dump({'seconds': 1.0, 'processor_s': 2.0}, open(asked['told'], 'w'))\n"
    )
    found = ask(root)
    length = fit.scaled(checkerboard(), WANTED).length
    np.testing.assert_allclose(found, np.full((20, 4), 30.0 * length), rtol=1e-6)
    assert list(root.iterdir()) == []


def test_a_job_that_fails_tells_what_spark_said_last_and_nothing_stays(job: Job) -> None:
    root = job("print('one'); print('java.io.IOException: no space left'); sys.exit(1)")
    with pytest.raises(EngineUnusable, match=r"failed\. It said last:\none\njava\.io\.IOExcept"):
        ask(root)
    assert list(root.iterdir()) == []


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("AnalysisException: [PATH_NOT_FOUND] Path does not exist", "NORTHWAY_SPARK_FOLDER"),
        ("java.lang.OutOfMemoryError: Java heap space", "spark.executor.memory"),
        ("All masters are unresponsive! Giving up.", "same version of Spark"),
    ],
)
def test_known_failures_come_with_what_to_change(job: Job, said: str, hint: str) -> None:
    root = job(f"sys.exit({said!r})")
    with pytest.raises(EngineUnusable, match=hint):
        ask(root)


def test_a_job_that_never_ends_is_ended(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "LONGEST_S", 0.0)
    root = job("signal.pause()")
    with pytest.raises(EngineUnusable, match="workers are free"):
        ask(root)
    assert list(root.iterdir()) == []


def test_no_secret_reaches_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "MASTER_KEY", "DATABASE_URL", "KEYS_URL", "SPARK_CONF_DIR"):
        monkeypatch.setenv(name, "x")
    assert {"SPARK_CONF_DIR", "PATH"} <= fit.passed().keys()
    assert not {"SECRET_KEY", "MASTER_KEY", "DATABASE_URL", "KEYS_URL"} & fit.passed().keys()


def neighbours(*, learners: int = 48, n_courses: int = 24, each: int = 8) -> Interactions:
    """Everyone takes the same number of courses, and every course is taken by as many."""
    return rows(
        [[(learner + step) % n_courses for step in range(each)] for learner in range(learners)],
        n_courses=n_courses,
    )


def as_mllib_does(data: Interactions, regularization: float) -> NDArray[np.float64]:
    """Alternating least squares as MLlib defines them: confidence 1 + alpha r, weighted lambda."""
    taken = np.zeros((data.n_learners, data.n_courses))
    taken[data.learners, data.courses] = 1.0
    above_one = WANTED.alpha * (taken - 1.0 / WANTED.alpha) * taken
    rng = np.random.default_rng(1)
    courses = rng.normal(size=(data.n_courses, 3))
    for _ in range(60):
        learners = _solved(courses, taken, above_one, regularization)
        courses = _solved(learners, taken.T, above_one.T, regularization)
    return courses


def _solved(
    other: NDArray[np.float64],
    taken: NDArray[np.float64],
    above_one: NDArray[np.float64],
    regularization: float,
) -> NDArray[np.float64]:
    ridge = regularization * np.eye(other.shape[1])
    return np.stack(
        [
            np.linalg.solve(
                other.T @ other + (other.T * extra) @ other + ridge * row.sum(),
                other.T @ (row * (1.0 + extra)),
            )
            for row, extra in zip(taken, above_one, strict=True)
        ]
    )


def test_a_configuration_means_there_what_it_means_here() -> None:
    data = neighbours()
    configuration = WANTED._replace(factors=3)
    told = fit.scaled(data, configuration)
    there = as_mllib_does(data, told.regularization) * told.length
    ours = Als(**configuration._asdict(), iterations=200).fit(data, rng=np.random.default_rng(1))
    here = ours.factors_.astype(np.float64)
    np.testing.assert_allclose(there @ there.T, here @ here.T, atol=0.01 * (here @ here.T).max())
