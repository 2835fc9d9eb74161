"""L1: how do occupations come in? From O*NET's files or from a plain CSV of one's own."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from signals.capture.imports.refusals import Refusals
from signals.capture.imports.tables import UnreadableFileError, read_table
from signals.models import Occupation, OccupationTitle

ONET = "onet"
ONET_FILES = ("occupation_data", "alternate_titles", "technology_skills")
LONGEST_KEY, LONGEST_TITLE, LONGEST_SKILL = 80, 200, 120
MOST_SKILLS = 80  # of one occupation, those asked for most
BATCH = 5_000
COLUMNS = ("occupation", "title", "other_titles", "skills")


@dataclass(slots=True)
class Draft:
    """An occupation of a file, before it is stored."""

    key: str
    title: str
    titles: list[str] = field(default_factory=list)
    skills: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """What an import brought."""

    occupations: int
    titles: int
    skills: int
    removed: int
    refused: int
    reasons: list[dict[str, object]]


def import_occupations(path: Path) -> Report:
    """Read O*NET's files from a folder, or a CSV, and put its occupations in place of its last.

    A CSV has the columns occupation, title, other_titles (";" between) and skills ("sql:3; git").

    Raises:
        ValueError: the files or their columns cannot be read.
    """
    refusals = Refusals()
    source = ONET if path.is_dir() else path.name.split(".")[0][:40]
    drafts = _of_onet(path) if path.is_dir() else _of_csv(path, refusals)
    kept = {key: draft for key, draft in drafts.items() if draft.skills or path.is_dir()}
    removed = _store(kept, source)
    return Report(
        occupations=len(kept),
        titles=sum(len(draft.titles) for draft in kept.values()),
        skills=sum(len(draft.skills) for draft in kept.values()),
        removed=removed,
        refused=refusals.total(),
        reasons=refusals.report(),
    )


@transaction.atomic
def _store(drafts: Mapping[str, Draft], source: str) -> int:
    gone = Occupation.objects.filter(source=source).exclude(key__in=drafts)
    removed = gone.count()
    gone.delete()
    Occupation.objects.bulk_create(
        [
            Occupation(key=d.key, title=d.title, skills=_strongest(d.skills), source=source)
            for d in drafts.values()
        ],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["title", "skills", "source"],
        batch_size=BATCH,
    )
    ids = dict(Occupation.objects.filter(key__in=drafts).values_list("key", "id"))
    OccupationTitle.objects.filter(occupation__in=ids.values()).delete()
    OccupationTitle.objects.bulk_create(
        [
            OccupationTitle(occupation_id=ids[draft.key], title=title)
            for draft in drafts.values()
            for title in dict.fromkeys([draft.title, *draft.titles])
        ],
        batch_size=BATCH,
    )
    return removed


def _strongest(skills: Mapping[str, float]) -> dict[str, float]:
    ranked = sorted(skills.items(), key=lambda pair: (-pair[1], pair[0]))
    return dict(ranked[:MOST_SKILLS])


# --- O*NET -----------------------------------------------------------------------------------


def _of_onet(folder: Path) -> dict[str, Draft]:
    tables = {name: _onet_rows(folder, name) for name in ONET_FILES}
    drafts = {
        row["O*NET-SOC Code"]: Draft(row["O*NET-SOC Code"], row["Title"][:LONGEST_TITLE])
        for row in tables["occupation_data"]
    }
    for row in tables["alternate_titles"]:
        if (draft := drafts.get(row["O*NET-SOC Code"])) is not None:
            draft.titles.append(row["Alternate Title"][:LONGEST_TITLE])
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    for row in tables["technology_skills"]:
        weight = 1.0 + (row["Hot Technology"] == "Y") + (row["In Demand"] == "Y")
        asked = weights[row["O*NET-SOC Code"]]
        for name in (row["Example"], row["Commodity Title"]):
            name = name[:LONGEST_SKILL]
            asked[name] = max(asked.get(name, 0.0), weight)
    for key, asked in weights.items():
        if key in drafts:
            drafts[key].skills = asked
    return drafts


def _onet_rows(folder: Path, name: str) -> list[dict[str, str]]:
    for ending in ("csv.gz", "csv"):
        path = folder / f"onet_{name}.{ending}"
        if path.is_file():
            rows: list[dict[str, str]] = read_table(path).to_pylist()
            return rows
    raise UnreadableFileError(
        f"There is no onet_{name}.csv or .csv.gz in {folder}. Put O*NET's tables there as CSV."
    )


# --- a CSV of one's own ------------------------------------------------------------------------


def _of_csv(path: Path, refusals: Refusals) -> dict[str, Draft]:
    table = read_table(path)
    missing = {"occupation", "title", "skills"} - set(table.column_names)
    if missing:
        raise UnreadableFileError(
            f"{path.name} has no column {', '.join(sorted(missing))}. "
            f"Its first line names {', '.join(COLUMNS)}."
        )
    drafts: dict[str, Draft] = {}
    for number, row in enumerate(table.to_pylist(), start=1):
        key, title = row["occupation"].strip(), row["title"].strip()
        skills = dict(_skills(row["skills"], number, refusals))
        if not key or not title or len(key) > LONGEST_KEY:
            refusals.add("no occupation or no title", row=number, value=key or title)
        elif not skills:
            refusals.add("no skill", row=number, value=key)
        else:
            titles = [one.strip() for one in (row.get("other_titles") or "").split(";")]
            held = [one[:LONGEST_TITLE] for one in titles if one]
            drafts[key] = Draft(key, title[:LONGEST_TITLE], held, skills)
    return drafts


def _skills(text: str, row: int, refusals: Refusals) -> Iterator[tuple[str, float]]:
    for part in (piece.strip() for piece in text.split(";")):
        name, colon, said = part.rpartition(":")
        name, said = (name.strip(), said.strip()) if colon else (part, "1")
        try:
            weight = float(said)
        except ValueError:
            weight = 0.0
        if name and 0 < weight < 1_000:
            yield name[:LONGEST_SKILL], weight
        elif part:
            refusals.add("no weight of a skill", row=row, value=part)
