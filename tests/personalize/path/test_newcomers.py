"""Do picks after the first questions beat what is popular, for people nothing is known of?"""

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.management import call_command

from demo import catalogue as demo
from demo.steps import OCCUPATIONS
from personalize import api as personalize
from personalize.agents.understanding import understand
from personalize.algorithms.base import Interactions
from personalize.algorithms.popularity import Popularity
from personalize.engine import artifacts, live, packing
from personalize.engine.artifacts import Card
from personalize.engine.popular import popular_arrays
from personalize.experience.noted import Noted
from personalize.experience.people import Learner
from personalize.experience.start import goal_of, store
from signals import catalogue
from signals.models import shelf
from tests.factories import moment, new_learner
from tests.personalize.path.newcomers import drawn, ndcg

pytestmark = [pytest.mark.django_db, pytest.mark.prove]

PROMISED = 1.5  # times what is popular


def publish(past: list[frozenset[str]]) -> None:
    """Make a model of what is popular live, of what people before the newcomers took."""
    courses = sorted(catalogue.courses().values(), key=lambda info: info.course_id)
    at = {info.external_id: place for place, info in enumerate(courses)}
    rows = [(n, at[key]) for n, taken in enumerate(past) for key in sorted(taken)]
    data = Interactions(
        learners=np.array([n for n, _course in rows], np.int32),
        courses=np.array([course for _n, course in rows], np.int32),
        times=np.zeros(len(rows)),
        weights=np.ones(len(rows), np.float32),
        n_learners=len(past),
        n_courses=len(courses),
    )
    model = Popularity().fit(data, rng=np.random.default_rng(1))
    card = Card(
        version="popular",
        trained_at=moment(),
        seed=1,
        serves=model.name,
        learners=len(past),
        courses=len(courses),
        pairs=len(rows),
        weights={model.name: 1.0},
        parameters={model.name: model.params()},
        metrics={},
        heldout={},
        excluded={},
        skipped={},
    )
    ids = np.array([info.course_id for info in courses], np.int32)
    fields = [info.field for info in courses]
    arrays = {packing.COURSE_IDS: ids} | packing.pack(model) | popular_arrays(data, fields)
    root = Path(settings.MODELS_DIR)
    artifacts.publish(root, card, arrays)
    live.announce(root, "popular")


def test_newcomers_choose_from_their_picks_far_more_than_from_what_is_popular(
    tmp_path: Path,
) -> None:
    target = tmp_path / "catalogue.csv"
    demo.write_csv(demo.read_courses(), target)
    call_command("import_catalogue", str(target), stdout=StringIO(), stderr=StringIO())
    call_command("import_occupations", str(OCCUPATIONS), stdout=StringIO())
    shelf.forget()
    popular, newcomers, past = drawn()
    publish(past)
    favourites = [key for key, _n in popular.most_common(10)]
    after, without = [], []
    for person in newcomers:
        found = understand(person.says)
        key = found[0].key if found else f"field:{person.subject}"
        said = goal_of(Noted(), key)
        assert said is not None
        learner = Learner(new_learner(), "new")
        assert store(learner, before=Noted(), now_said=said)
        answer = personalize.recommend(learner.learner_id, k=10, now=moment())
        shown = [catalogue.courses()[item.course_id].external_id for item in answer.items]
        after.append(ndcg(shown, person.chooses))
        without.append(ndcg(favourites, person.chooses))
    picks, popularity = float(np.mean(after)), float(np.mean(without))
    assert picks >= PROMISED * popularity, f"NDCG@10 {picks:.3f}, what is popular {popularity:.3f}"
