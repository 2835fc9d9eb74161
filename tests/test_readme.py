"""README's map and the packages say the same, so that a newcomer can trust it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("signals", "experiments", "personalize", "controltower")
ROW = re.compile(r"^\| `([a-z_/]+)/` \| (.+) \|$", re.MULTILINE)
NO_ROOM = {"migrations", "management", "commands", "templatetags"}


def first_lines() -> dict[str, str]:
    packages = (path.parent for app in APPS for path in (ROOT / app).rglob("__init__.py"))
    return {
        folder.relative_to(ROOT).as_posix(): (folder / "__init__.py")
        .read_text(encoding="utf-8")
        .split('"""')[1]
        .split("\n")[0]
        for folder in packages
        if not NO_ROOM & set(folder.relative_to(ROOT).parts)
    }


def test_the_map_names_every_package_with_its_own_first_line() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert dict(ROW.findall(readme)) == first_lines()


def test_every_layer_is_named_in_the_map() -> None:
    said = " ".join(first_lines().values())
    assert all(f"L{number}" in said for number in (1, 2, 3, 4, 5))


def test_every_file_the_readme_links_to_is_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\((?!https?:)([^)#]+)\)", readme))
    assert [path for path in sorted(linked) if not (ROOT / path).exists()] == []
