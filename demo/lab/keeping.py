"""How is a lab put down on disk and taken up again as it was? (demo) Arrays and the generator."""

import json
from dataclasses import fields
from pathlib import Path

import numpy as np

from demo.lab.courses import build
from demo.lab.days import Lab
from demo.lab.people import People
from demo.lab.truths import ALIKE

LUCK = "luck"  # the generator's state, as JSON


def save(lab: Lab, path: Path) -> None:
    """Write a lab whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {one.name: getattr(lab.people, one.name) for one in fields(People)}
    told = {"truth": lab.truth, "day": lab.day, "state": lab.rng.bit_generator.state}
    arrays[LUCK] = np.array(json.dumps(told))
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez_compressed(file, **arrays)
    partial.replace(path)


def load(path: Path) -> Lab:
    """Read what `save` wrote. OSError where there is none."""
    with np.load(path, allow_pickle=False) as found:
        people = People(**{one.name: found[one.name] for one in fields(People)})
        told = json.loads(str(found[LUCK]))
    rng = np.random.default_rng()
    rng.bit_generator.state = told["state"]
    courses = build(alike=told["truth"] in ALIKE)
    return Lab(told["truth"], courses, people, rng, told["day"])
