"""The baseline's two doors: they do the product's work the way the frameworks' guides show it.

Authentication, consent, validation, policy, explanation and a log row are all there. What the
baseline leaves out (history upsert, quarantine, experiments) only makes it faster.
"""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import numpy as np
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from implicit.cpu.als import AlternatingLeastSquares
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from scipy.sparse import csr_matrix

from benchmarks.naive.models import NaiveDecision, NaiveEvent
from personalize.models import Feedback, Override
from signals import sealing
from signals.models import ApiKey, Consent, Course, Identity, LearnerCourse

KINDS = ["course.viewed", "course.enrolled", "lesson.started", "lesson.completed", "quiz.scored"]
TIER_1 = {"course.viewed"}
CANDIDATES = 200
SHOWN = 12


def key_of(request: Request, scope: str) -> ApiKey | None:
    """Return the API key of a request when it is valid for the scope."""
    clear = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return ApiKey.objects.filter(
        digest=sha256(clear.encode()).digest(),
        scopes__contains=[scope],
        expires_at__gt=timezone.now(),
        revoked_at__isnull=True,
    ).first()


def body_of(request: Request) -> dict[str, Any]:
    """Return the decoded JSON of a request."""
    return cast("dict[str, Any]", request.data)


class NaiveEventSerializer(serializers.ModelSerializer[NaiveEvent]):
    """Validates one event and names its course and learner."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=KINDS)
    learner = serializers.CharField(max_length=255)
    course = serializers.CharField(max_length=255, allow_null=True)
    module = serializers.CharField(max_length=255, allow_null=True, required=False)

    class Meta:
        model = NaiveEvent
        fields = [
            "id",
            "kind",
            "learner",
            "course",
            "module",
            "occurred_at",
            "session",
            "value",
            "context",
        ]


class NaiveBatch(APIView):
    """Takes a batch with a serializer for many and one bulk_create."""

    def post(self, request: Request) -> Response:
        """Store the batch, leaving out what consent forbids."""
        key = key_of(request, "capture")
        if key is None:
            return Response(status=status.HTTP_401_UNAUTHORIZED)
        serializer = NaiveEventSerializer(data=body_of(request)["batch"], many=True)
        serializer.is_valid(raise_exception=True)
        rows = serializer.validated_data
        lookups = {row["learner"]: sealing.lookup(row["learner"]) for row in rows}
        identities = {
            bytes(identity.lookup): identity.learner_id
            for identity in Identity.objects.filter(lookup__in=list(lookups.values()))
        }
        refused = set(
            Consent.objects.filter(
                learner_id__in=list(identities.values()), personalization=False
            ).values_list("learner_id", flat=True)
        )
        wanted = {row["course"] for row in rows if row["course"]}
        courses = dict(
            Course.objects.filter(external_id__in=wanted).values_list("external_id", "id")
        )
        events = []
        for row in rows:
            learner_id = identities[lookups[row.pop("learner")]]
            course, row["module"] = row.pop("course"), None
            if row["kind"] in TIER_1 and learner_id in refused:
                continue
            row.pop("module")
            events.append(
                NaiveEvent(
                    source_id=key.source_id,
                    learner_id=learner_id,
                    course_id=courses[course] if course else None,
                    **row,
                )
            )
        NaiveEvent._default_manager.bulk_create(events, ignore_conflicts=True)
        return Response({"accepted": len(events)})


@lru_cache(maxsize=1)
def _als() -> tuple[Any, np.ndarray[Any, Any]]:
    """Load implicit's model the way its guide shows, once a process."""
    folder = Path(settings.MODELS_DIR) / "naive"
    model = AlternatingLeastSquares.load(str(folder / "als.npz"))
    return model, np.load(folder / "course_ids.npy", allow_pickle=False)


class NaiveRecommendations(APIView):
    """Recommends with the ORM and implicit: fold in, filter, explain, log."""

    def post(self, request: Request) -> Response:
        """Answer one request."""
        started = perf_counter()
        if key_of(request, "recommend") is None:
            return Response(status=status.HTTP_401_UNAUTHORIZED)
        lookup = sealing.lookup(body_of(request)["learner"])
        learner_id = Identity.objects.get(lookup=lookup).learner_id
        consent = Consent.objects.filter(learner_id=learner_id).first()
        history = list(LearnerCourse.objects.filter(learner_id=learner_id).order_by("last_at"))
        if consent is not None and not consent.personalization:
            return Response({"items": []})
        items = self._items(learner_id, [row.course_id for row in history])
        NaiveDecision._default_manager.create(
            learner_id=learner_id,
            surface=body_of(request)["surface"],
            model="als",
            items=items,
            took_ms=(perf_counter() - started) * 1000,
        )
        return Response({"items": items})

    def _items(self, learner_id: int, known: list[int]) -> list[dict[str, Any]]:
        model, course_ids = _als()
        places = np.searchsorted(course_ids, known)
        places = places[places < len(course_ids)]
        row = csr_matrix(
            (np.ones(len(places), np.float32), (np.zeros(len(places), np.int32), places)),
            shape=(1, len(course_ids)),
        )
        found, scores = model.recommend(0, row, N=CANDIDATES, recalculate_user=True)
        now = timezone.now()
        hidden = set(
            Override.objects.filter(
                change="hide", starts_at__lte=now, ends_at__gt=now, undone_at__isnull=True
            ).values_list("course_id", flat=True)
        )
        hidden |= set(
            Feedback.objects.filter(learner_id=learner_id)
            .filter(Q(until__isnull=True) | Q(until__gt=now))
            .values_list("course_id", flat=True)
        )
        courses = {
            course.id: course
            for course in Course.objects.filter(
                id__in=[int(course_ids[place]) for place in found]
            ).prefetch_related("prerequisites")
        }
        done = set(known)
        items: list[dict[str, Any]] = []
        for place, score in zip(found, scores, strict=True):
            course = courses.get(int(course_ids[place]))
            if course is None or course.id in hidden or course.id in done:
                continue
            if any(needed.id not in done for needed in course.prerequisites.all()):
                continue
            _, contributions, _ = model.explain(0, row, place, N=2)
            items.append(
                {
                    "course": course.external_id,
                    "title": course.title,
                    "rank": len(items) + 1,
                    "score": float(score),
                    "reasons": [
                        {"course": int(course_ids[past]), "share": float(part)}
                        for past, part in contributions
                    ],
                }
            )
            if len(items) == SHOWN:
                break
        return items
