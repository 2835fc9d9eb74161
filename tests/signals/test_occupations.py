"""Do occupations come in from files, and are they found by what people type?"""

import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from signals import catalogue
from signals.models import Occupation, OccupationTitle
from signals.processing.titles import closeness, words_of

pytestmark = pytest.mark.django_db

OWN = """occupation,title,other_titles,skills
analyst,Data analyst,Reporting analyst;BI analyst,sql:3;spreadsheets:2;git
nurse,Nurse,Staff nurse,vital signs:2;wound care
empty,Nothing asked,,
odd,Odd,,sql:much;git
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.csv"
    path.write_text(OWN, encoding="utf-8")
    call_command("import_occupations", str(path), stdout=StringIO())
    return path


def keys(text: str) -> list[str]:
    return [info.key for info in catalogue.occupations(text)]


@pytest.mark.parametrize(
    "text",
    [
        "I want to become a data analyst",
        "data analysts",
        "Reporting Analyst",
        "quiero ser data analyst",
        "ich möchte Data Analyst werden",
    ],
)
def test_an_occupation_is_found_by_what_people_type(own: Path, text: str) -> None:
    assert keys(text)[0] == "analyst"


@pytest.mark.parametrize("text", ["", "   ", "I want to be", "zebra", "' | :*", "a\x00b"])
def test_words_that_name_no_occupation_find_none(own: Path, text: str) -> None:
    assert keys(text) == []


def test_an_occupation_tells_what_it_asks_for_and_how_much(own: Path) -> None:
    found = catalogue.occupation("analyst")
    assert found is not None
    assert dict(found.skills) == {"sql": 3.0, "spreadsheets": 2.0, "git": 1.0}
    assert catalogue.occupation("zebra") is None


def test_what_cannot_be_used_is_counted_and_the_rest_taken(tmp_path: Path) -> None:
    path, out = tmp_path / "own.csv", StringIO()
    path.write_text(OWN, encoding="utf-8")
    call_command("import_occupations", str(path), stdout=out)
    assert set(Occupation.objects.values_list("key", flat=True)) == {"analyst", "nurse", "odd"}
    assert "no skill" in out.getvalue()
    assert "no weight of a skill" in out.getvalue()


def test_an_import_replaces_what_its_source_brought_before_and_nothing_else(
    own: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("occupation,title,skills\nsmith,Smith,forging\n", encoding="utf-8")
    call_command("import_occupations", str(other), stdout=StringIO())
    own.write_text(OWN.splitlines()[0] + "\nnurse,Nurse,,vital signs\n", encoding="utf-8")
    call_command("import_occupations", str(own), stdout=StringIO())
    assert set(Occupation.objects.values_list("key", flat=True)) == {"nurse", "smith"}
    assert set(OccupationTitle.objects.values_list("title", flat=True)) == {"Nurse", "Smith"}


def test_a_file_without_the_columns_says_which_it_needs(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("name,wage\nnurse,3\n", encoding="utf-8")
    with pytest.raises(CommandError, match="occupation, skills, title"):
        call_command("import_occupations", str(path), stdout=StringIO())


def test_a_folder_without_the_tables_of_onet_says_what_it_misses(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="onet_occupation_data"):
        call_command("import_occupations", str(tmp_path), stdout=StringIO())


def test_titles_are_as_close_as_their_words() -> None:
    assert closeness(words_of("data analyst"), "Data Analysts") == 1.0
    assert closeness(words_of("data analyst"), "Data Entry Clerk") == pytest.approx(2 / 5)
    assert closeness(words_of("nurse"), "Data Analyst") == 0.0
    assert closeness((), "Data Analyst") == 0.0


def test_tables_of_onet_come_in_from_a_folder(tmp_path: Path) -> None:
    tables = {
        "occupation_data": 'O*NET-SOC Code,Title,Description\n15-1,Data Scientists,"Study, data"\n',
        "alternate_titles": "O*NET-SOC Code,Alternate Title,Short Title,Source(s)\n"
        "15-1,Data Miner,,08\n99-9,Nobody,,08\n",
        "technology_skills": "O*NET-SOC Code,Example,Commodity Code,Commodity Title,"
        "Hot Technology,In Demand\n15-1,Python,1,Object oriented software,Y,Y\n"
        "15-1,SAS,1,Analytical software,N,N\n",
    }
    for name, text in tables.items():
        (tmp_path / f"onet_{name}.csv").write_text(text, encoding="utf-8")
    call_command("import_occupations", str(tmp_path), stdout=StringIO())
    found = catalogue.occupations("data miner")
    assert [(info.key, info.title, info.known_as) for info in found] == [
        ("15-1", "Data Scientists", "Data Miner")
    ]
    assert found[0].skills["Python"] == 3.0
    assert found[0].skills["SAS"] == 1.0


@pytest.mark.prove
def test_the_occupations_of_onet_are_found_by_their_common_names(tmp_path: Path) -> None:
    folder = os.environ.get("NORTHWAY_DATA")
    if not folder:
        pytest.skip("no data")
    call_command("import_occupations", f"{folder}/data/jobs", stdout=StringIO())
    assert Occupation.objects.count() == 1016
    wanted = {
        "I want to become a data scientist": "15-2051.00",
        "registered nurse": "29-1141.00",
        "web developer": "15-1254.00",
        "truck driver": "53-3032.00",
        "I'd like to work as a graphic designer": "27-1024.00",
    }
    assert {text: wanted[text] in keys(text) for text in wanted} == dict.fromkeys(wanted, True)
    scientist = catalogue.occupation("15-2051.00")
    assert scientist is not None
    assert {"Python", "Structured query language SQL"} <= set(scientist.skills)
