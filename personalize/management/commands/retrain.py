"""Train a model on everything known now, judge it, and let it begin or refuse it (L3)."""

import json
import resource
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from personalize.data import ModelRow
from personalize.engine import engines
from personalize.engine.training import Outcome, retrain
from signals.data import SYSTEM
from signals.management.moment import add_now, chosen_now

COLUMNS = ("hr@10", "ndcg@10", "mrr", "all_ndcg@10", "coverage@10")


class Command(BaseCommand):
    """Print what the models reached, what the gates found, and whether the model is live."""

    help = "Train a model, judge it by the gates; it begins as a canary, or waits as challenger"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the engine, the file for the figures and, in a played world, the moment."""
        parser.add_argument(
            "--engine",
            choices=[*engines.Name],
            default=engines.Name.LOCAL,
            type=engines.Name,
            help="who fits als: this process, or a Spark cluster",
        )
        parser.add_argument(
            "--master",
            default="",
            metavar="URL",
            help="of the Spark cluster: spark://HOST:7077, yarn, k8s://..., or local[N] for N cores"
            " of this machine (default: NORTHWAY_SPARK_MASTER)",
        )
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here too")
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and tell what happened; a refusal is a result, not an error."""
        try:
            engine = engines.named(options["engine"], master=options["master"])
            outcome = retrain(now=chosen_now(options["now"]), actor=SYSTEM, engine=engine)
        except engines.EngineUnusable as refusal:
            raise CommandError(str(refusal)) from refusal
        self._tell(outcome)
        if outcome.challenger is not None:
            self.stdout.write("\nBeside it, as this code is configured:")
            self._tell(outcome.challenger)
        if options["json"] is not None:
            options["json"].write_text(json.dumps(_figures(outcome), indent=1), encoding="utf-8")

    def _tell(self, outcome: Outcome) -> None:
        if outcome.row is not None:
            self._table(outcome.row)
        steps = ", ".join(f"{step} {took:.1f} s" for step, took in outcome.seconds.items())
        self.stdout.write(f"{outcome.ended}: {outcome.detail}")
        self.stdout.write(f"{steps}; peak memory {_peak_mb():,.0f} MB" if steps else "")

    def _table(self, row: ModelRow) -> None:
        self.stdout.write(
            f"{row.pairs:,} choices of {row.learners:,} learners in {row.courses:,} courses, "
            f"engine {row.engine}\n"
            f"{'model':<14}{'weight':>8}" + "".join(f"{name:>13}" for name in COLUMNS)
        )
        for name, found in row.metrics.items():
            weight = f"{row.weights[name]:.3f}" if name in row.weights else ""
            values = "".join(f"{found[column]:>13.4f}" for column in COLUMNS if column in found)
            self.stdout.write(f"{name:<14}{weight:>8}{values}")
        for finding in row.findings:
            verdict = "pass" if finding.passed else "FAIL"
            self.stdout.write(f"{verdict}  {finding.title}: {finding.detail}")


def _peak_mb() -> float:
    """Return the most memory this process ever used, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _figures(outcome: Outcome) -> dict[str, object]:
    row = outcome.row
    return {
        "ended": outcome.ended,
        "detail": outcome.detail,
        "seconds": outcome.seconds,
        "peak_rss_mb": round(_peak_mb(), 1),
        "version": row.version if row else None,
        "engine": row.engine if row else None,
        "learners": row.learners if row else 0,
        "courses": row.courses if row else 0,
        "pairs": row.pairs if row else 0,
        "weights": row.weights if row else {},
        "models": row.metrics if row else {},
        "findings": [asdict(finding) for finding in row.findings] if row else [],
        "challenger": _figures(outcome.challenger) if outcome.challenger else None,
    }
