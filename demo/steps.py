"""What has to be done before the demo can be looked at? Each step is done once (demo)."""

import hashlib
import json
import sys
import time
from dataclasses import dataclass

from demo import catalogue
from demo import place as places
from demo.arguments import Asked
from demo.client import Client
from demo.days import Day
from demo.lab import shelves
from demo.place import Place
from demo.playing import Theatre, open_play, play_on, show
from demo.processes import ROOT, Stage, StepError, tail
from demo.state import State
from demo.telling import line, step
from demo.worlds import QUICK, Plan

OCCUPATIONS = ROOT / "demo" / "occupations.csv"
JOB_POSTS = ROOT / "demo" / "job_posts.csv"
READY_S = 180  # a loaded machine imports slowly
KEY_DAYS = 3650
SCOPES = "capture,backfill,recommend,feedback,tokens"
SCHEDULES = "personalize/management/commands/ensure_schedules.py"
TELL_EVERY = 5  # days


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in, as `create_demo_accounts` tells it."""

    name: str
    role: str
    about: str
    learner: str  # the platform's id of the learner behind it, "" for staff


def prepare(place: Place, stage: Stage) -> None:
    """Bring the tables up to date, and the schedule; the first time make a key."""
    version = f"tables-{_version_of_tables()}"
    if place.embedded and place.done(version):
        return
    with step("tables, schedule and a key"):
        migrate = ["migrate", "--verbosity", "0"]
        key = ["create_key", "demo-lms", "--scopes", SCOPES, "--days", str(KEY_DAYS)]
        new = not place.key.exists()
        said = stage.run(
            migrate,
            [*migrate, "--database", "keys"],
            ["ensure_schedules"],
            *([key] if new else []),
        )
    if new:
        _keep_key(place, said)
    place.mark(version)


def _keep_key(place: Place, said: str) -> None:
    """Keep the key that was printed, for nobody else to read."""
    key = next(word for word in said.split() if word.startswith("nw_"))
    place.folder.mkdir(parents=True, exist_ok=True)
    place.key.touch(mode=0o600)
    place.key.write_text(key + "\n", encoding="utf-8")


def _version_of_tables() -> str:
    """Return a digest of what makes the tables: our migrations, and the packages with theirs."""
    made = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted(ROOT.glob("*/migrations/*.py")):
        made.update(path.read_bytes())
    made.update((ROOT / SCHEDULES).read_bytes())
    return made.hexdigest()[:12]


def begin_experiment(place: Place, stage: Stage, *, moment: str) -> None:
    """Start "model against generic list", before anybody is shown anything."""
    if not place.done("experiment"):
        stage.run(["ensure_experiments", "--now", moment])
        place.mark("experiment")


def start_web(stage: Stage, port: int) -> None:
    """Start the web server and wait until it answers."""
    with step(f"web server on http://127.0.0.1:{port}"):
        options = ["--worker-class", "personalize.web.Worker", "--workers", "2", "--threads", "4"]
        options += ["--bind", f"127.0.0.1:{port}", "--keep-alive", "30", "--graceful-timeout", "3"]
        options += ["--no-control-socket"]
        child = stage.start("web", _python("gunicorn", *options, "personalize.wsgi"))
        client = Client("127.0.0.1", port)
        deadline = time.monotonic() + READY_S
        while not _answers(client):
            if child.process.poll() is not None or time.monotonic() > deadline:
                raise StepError(f"The web server did not start.\n{tail(child.log)}")
            time.sleep(0.1)


def _answers(client: Client) -> bool:
    try:
        return client.send("GET", "/healthz").status == 200
    except OSError:
        return False


def start_jobs(stage: Stage) -> None:
    """Start the worker and the clock that gives it work."""
    celery = _python("celery", "-A", "personalize.celery", "--quiet")
    calm = ["--loglevel", "warning"]
    stage.start("worker", [*celery, "worker", "--concurrency", "1", *calm])
    stage.start("beat", [*celery, "beat", *calm])


def start_background(place: Place, stage: Stage, port: int) -> None:
    """Start what loads the days since and the full world, at low priority."""
    words = _python("demo.background", str(place.var), str(place.folder), str(port))
    stage.start("background", words, nice=15)


def _python(module: str, *words: str) -> list[str]:
    return [sys.executable, "-m", module, *words]


# --- what there is to see --------------------------------------------------------------------


def load_courses(place: Place, stage: Stage, *, truth: str = "") -> None:
    """Import the demo's courses, or those of a lab; again when they changed."""
    target = place.folder / "catalogue.csv"
    before = target.read_bytes() if target.exists() else b""
    courses = shelves.of(truth) if truth else catalogue.read_courses()
    rows = catalogue.write_csv(courses, target)
    if target.read_bytes() != before or not place.done("catalogue"):
        with step(f"catalogue: {len(courses)} courses, {rows} modules"):
            stage.run(
                ["import_catalogue", str(target)],
                ["import_occupations", str(OCCUPATIONS)],
                ["collect_jobs", "posts", str(JOB_POSTS)],
            )
            place.mark("catalogue")


def load_world(theatre: Theatre, plan: Plan = QUICK) -> None:
    """Play a world unless that was done before; the experiment begins with the first lists."""
    place = theatre.place
    if place.done(plan.name):
        return
    play = open_play(theatre, plan, now=places.now())
    moment = play.state.begin_of(plan.quiet_days)
    begin_experiment(place, theatre.stage, moment=moment.isoformat())
    named = f"the {plan.truth} world" if plan.truth else "the world"
    with step(f"{named}: {plan.learners} learners, {plan.days} days, day by day over HTTP"):
        play_on(theatre, plan, play, until=plan.days, tell=_tell)
    with step("rollups, what was searched for, and what rules of quality found"):
        theatre.stage.run(
            ["roll_up"],
            ["derive_demand"],
            ["derive_sessions"],
            ["derive_features"],
            ["judge_quality"],
            ["count_quality"],
            ["derive_desk"],
            ["count_revenue"],
            ["read_lifts"],
            ["read_experiments"],
            ["propose_metadata"],
        )
    show(place, plan, play.state)
    place.mark(plan.name)


def _tell(day: Day, state: State) -> None:
    if (day.day + 1) % TELL_EVERY == 0:
        share = f", {state.clicks / state.slates:.0%} of them clicked" if state.slates else ""
        line(f"    day {day.day + 1}: {state.events} events so far, {state.slates} lists{share}")


def load_own(place: Place, stage: Stage, asked: Asked) -> None:
    """Import somebody's own courses and history, and train on them."""
    for name, path in (("catalogue", asked.catalogue), ("interactions", asked.interactions)):
        if path and not place.done(name):
            with step(f"{name}: {path}"):
                columns = asked.columns_of(name)
                words = [
                    f"import_{name}",
                    str(path),
                    *(["--map", *columns] if columns else []),
                ]
                stage.run(words, tell=_indented)
            place.mark(name)
    begin_experiment(place, stage, moment=places.now().isoformat())
    if asked.interactions and not place.done("trained"):
        with step("training"):
            stage.run(["retrain"], tell=_indented)
        place.mark("trained")


def _indented(text: str) -> None:
    line(f"    {text}")


def accounts(place: Place, stage: Stage) -> tuple[str, list[Account]]:
    """Make the accounts to sign in with, once; return their password and who they are."""
    if not place.done("accounts"):
        with step("accounts"):
            stage.run(["create_demo_accounts", "--json", str(place.accounts)])
        place.mark("accounts")
    told = json.loads(place.accounts.read_text(encoding="utf-8"))
    return told["password"], [Account(**one) for one in told["accounts"]]
