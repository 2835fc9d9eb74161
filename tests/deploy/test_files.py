"""The files of a deployment: whole, in the forms their programs read, and true of the product."""

import json
import re
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator

from personalize import tasks
from personalize.management.commands.ensure_schedules import SCHEDULES
from personalize.operations import tallies
from signals.models import Source, SourceSeen
from tests.deploy.production import DEPLOY, ROOT, compose
from tests.factories import moment, new_key

METRIC = re.compile(r"\bnorthway_[a-z_]+")
SELECTOR = re.compile(r'(\w+)=~?"([^"]*)"')

# --- compose -------------------------------------------------------------------------------------

WORDS = {"type": "array", "items": {"type": "string"}}
DURATION = {"type": "string", "pattern": r"^(\d+(h|m|s|ms|us))+$"}
CONDITION = {"enum": ["service_started", "service_healthy", "service_completed_successfully"]}
# The parts of the Compose Specification that the file uses; anything else is refused.
SERVICE: dict[str, Any] = {
    "type": "object",
    "required": ["image", "restart"],
    "additionalProperties": False,
    "properties": {
        "image": {"type": "string", "pattern": r"^[a-z0-9/._-]+:[A-Za-z0-9._-]+$"},
        "build": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"context": {"type": "string"}, "dockerfile": {"type": "string"}},
        },
        "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
        "init": {"type": "boolean"},
        "read_only": {"type": "boolean"},
        "cap_drop": WORDS,
        "security_opt": WORDS,
        "tmpfs": WORDS,
        "stop_grace_period": DURATION,
        "shm_size": {"type": "string", "pattern": r"^\d+[kmg]$"},
        "environment": {"type": "object", "additionalProperties": {"type": "string"}},
        "secrets": WORDS,
        "volumes": WORDS,
        "command": WORDS,
        "ports": WORDS,
        "deploy": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"replicas": {"type": "integer", "minimum": 1}},
        },
        "depends_on": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["condition"],
                "additionalProperties": False,
                "properties": {"condition": CONDITION},
            },
        },
        "healthcheck": {
            "type": "object",
            "additionalProperties": False,
            "required": ["test"],
            "properties": {
                "test": WORDS,
                "interval": DURATION,
                "timeout": DURATION,
                "start_period": DURATION,
                "retries": {"type": "integer"},
            },
        },
    },
}
SCHEMA = {
    "type": "object",
    "required": ["services"],
    "additionalProperties": False,
    "patternProperties": {"^x-": {}},
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "services": {"type": "object", "additionalProperties": SERVICE},
        "volumes": {"type": "object", "additionalProperties": {"type": "null"}},
        "secrets": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["file"],
                "additionalProperties": False,
                "properties": {"file": {"type": "string"}},
            },
        },
    },
}


def test_the_compose_file_has_the_form_of_the_specification() -> None:
    assert [f.message for f in Draft202012Validator(SCHEMA).iter_errors(compose())] == []


def test_the_check_of_the_form_finds_what_is_wrong() -> None:
    wrong = compose()
    wrong["services"]["worker"]["comand"] = ["celery"]
    wrong["services"]["valkey"]["image"] = "valkey"  # of no version
    wrong["services"]["beat"]["depends_on"]["release"]["condition"] = "ready"
    assert len(list(Draft202012Validator(SCHEMA).iter_errors(wrong))) == 3


def test_what_the_compose_file_names_is_there() -> None:
    whole = compose()
    services = whole["services"]
    for service in services.values():
        named = [volume.partition(":")[0] for volume in service.get("volumes", [])]
        assert {one for one in named if not one.startswith(".")} <= set(whole["volumes"])
        assert set(service.get("secrets", [])) <= set(whole["secrets"])
        assert set(service.get("depends_on", {})) <= set(services)
        for name in service.get("build", {}).values():
            assert (DEPLOY / name).exists() or (ROOT / name).exists()
    waited_for = {
        name
        for service in services.values()
        for name, wait in service.get("depends_on", {}).items()
        if wait["condition"] == "service_healthy"
    }
    assert [name for name in sorted(waited_for) if "healthcheck" not in services[name]] == []
    assert [name for name, one in services.items() if "ports" in one] == ["nginx"]


def test_secrets_are_made_once_and_for_nobody_else_to_read(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    for _ in range(2):
        subprocess.run([DEPLOY / "make-secrets", folder], check=True, capture_output=True)
        made = {path.name: path.read_text() for path in folder.iterdir()}
    first = dict(made)
    subprocess.run([DEPLOY / "make-secrets", folder], check=True, capture_output=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == first
    assert set(first) == {Path(one["file"]).name for one in compose()["secrets"].values()}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert min(len(text) for text in first.values()) >= 50
    assert first["database_password"] in first["database_url"]


def test_the_image_is_made_of_pinned_parts() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"python:3.11.14-slim-bookworm"}
    assert "--require-hashes" in text
    for source in re.findall(r"^COPY (?!--from)(\S+)", text, re.MULTILINE):
        assert (ROOT / source).exists()
    assert re.findall(r"^USER (\S+)", text, re.MULTILINE) == ["northway"]


def test_nothing_made_on_this_machine_goes_into_the_image() -> None:
    left_out, unversioned = (
        {line.removeprefix("**/").strip("/") for line in lines if line and line[0] != "#"}
        for lines in (
            (ROOT / name).read_text(encoding="utf-8").splitlines()
            for name in (".dockerignore", ".gitignore")
        )
    )
    assert unversioned - left_out == set()
    assert left_out >= {".git", "*.pem", ".env*"}


# --- systemd, nginx ------------------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_the_units_are_such_as_systemd_takes(tmp_path: Path) -> None:
    bin_folder = Path(sys.executable).parent
    for path in (DEPLOY / "systemd").iterdir():
        text = path.read_text(encoding="utf-8").replace("/opt/northway/.venv/bin", str(bin_folder))
        (tmp_path / path.name.replace("@", "@1")).write_text(text)
        (tmp_path / path.name).write_text(text)
    (tmp_path / "northway-web@2.service").write_text(
        (tmp_path / "northway-web@.service").read_text()
    )
    units = [str(path) for path in tmp_path.iterdir() if "@." not in path.name]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "northway" in line]
    assert ours == []
    assert done.returncode == 0, done.stderr


def certificate(folder: Path) -> None:
    """Write a certificate and its key as nginx looks for them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "learn.example.org")])
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=36_500))
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True)
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    certificate(tmp_path / "certificates")
    text = (DEPLOY / "nginx" / "northway.conf").read_text(encoding="utf-8")
    site = tmp_path / "northway.conf"
    site.write_text(text.replace("/etc/northway/certificates", str(tmp_path / "certificates")))
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/nginx.pid; events {{}} http {{ access_log off; include {site}; }}"
    )
    done = subprocess.run(
        ["nginx", "-t", "-p", tmp_path, "-c", whole], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


# --- Prometheus, Grafana -------------------------------------------------------------------------


def expressions() -> list[str]:
    """Return every expression of alarms and of the dashboard."""
    alerts = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text(encoding="utf-8"))
    board = json.loads((DEPLOY / "grafana" / "northway.json").read_text(encoding="utf-8"))
    return [
        *(rule["expr"] for group in alerts["groups"] for rule in group["rules"]),
        *(target["expr"] for panel in board["panels"] for target in panel["targets"]),
    ]


@pytest.fixture
def told(client: Client, settings: Any, tmp_path: Path) -> str:
    """Return what /metrics tells once there was something to tell."""
    settings.LEDGER_ANCHOR_FILE = tmp_path / "anchors.jsonl"
    call_command("anchor_ledger", verbosity=0)
    key = new_key("lms", "metrics")
    SourceSeen.objects.create(source_id=Source.objects.get(name="lms").pk, last_at=moment())
    bearer = {"Authorization": f"Bearer {key}"}
    sent: Any = {"northway_sent_at": moment().timestamp()}
    tasks.purge_minutes.apply(headers=sent)
    client.get("/home/")
    tallies.flush()
    answer = client.get("/metrics", headers=bearer)
    return answer.content.decode()


def test_every_metric_that_is_watched_is_told(told: str) -> None:
    families = set(re.findall(r"^# TYPE (\S+) ", told, re.MULTILINE))
    watched = {name for text in expressions() for name in METRIC.findall(text)}
    assert len(watched) > 20
    heard = {re.sub(r"_(bucket|sum|count)$", "", name) for name in watched}
    assert heard - families == set()


def test_every_job_and_level_that_is_watched_exists(told: str) -> None:
    jobs = {schedule.task for schedule in SCHEDULES}
    labels = [found for text in expressions() for found in SELECTOR.findall(text)]
    for label, pattern in labels:
        if label == "task":
            expanded = re.compile(pattern)
            assert [job for job in jobs if expanded.fullmatch(job)], pattern
        elif label in {"level", "window"}:
            assert f'{label}="{pattern}"' in told


def test_no_label_is_one_that_prometheus_sets_itself(told: str) -> None:
    labels = {
        label
        for group in re.findall(r"^northway\w+\{(.*)\} ", told, re.MULTILINE)
        for label in re.findall(r'(\w+)="', group)
    }
    assert labels >= {"task", "source", "level", "kind"}
    assert labels & {"job", "instance"} == set()  # else ours are renamed at the scrape


def test_alarms_say_what_to_do_and_brackets_close() -> None:
    alerts = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text(encoding="utf-8"))
    rules = [rule for group in alerts["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert set(rule["annotations"]) == {"summary", "action"}
    for text in expressions():
        assert [text.count(one) for one in "({["] == [text.count(one) for one in ")}]"]
