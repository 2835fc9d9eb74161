"""What do the REST answers look like, for the OpenAPI schema? (L5) Describes, never runs."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from personalize.data import Action, Intent, Slot, Source
from personalize.decision.mix import Kind
from personalize.decision.surfaces import SURFACES
from personalize.decision.surfaces.base import K_MOST

AnyView = TypeVar("AnyView", bound=Callable[..., Any])

SOURCES = [source.value for source in Source]
UNITS = ("course", "lesson", "any")
# The stubs say strings; the generator writes this into `security` as it is.
KEY = cast("Sequence[str]", [{"bearer": []}, {"session": []}])
FLAG_KEY = cast("Sequence[str]", [{"bearer": []}])


def _chance(help_text: str) -> Any:
    """Return a probability that may be missing."""
    return serializers.FloatField(min_value=0, max_value=1, allow_null=True, help_text=help_text)


def _mix() -> Any:
    return serializers.DictField(
        child=serializers.FloatField(),
        help_text=(
            "Share of the positive parts of the score by what they come from: "
            f"{', '.join(Kind)}. They sum to 1; nothing where there are none"
        ),
    )


class ReasonOut(serializers.Serializer[Any]):
    """One true reason, from the stored parts of the score."""

    kind = serializers.CharField()
    text = serializers.CharField()
    share = serializers.FloatField(help_text="Share of the positive parts of the score, 0..1")
    evidence = serializers.CharField()
    decides = serializers.BooleanField(
        help_text="Without it another course would be in this place; checked when it was shown"
    )


class ItemOut(serializers.Serializer[Any]):
    """One recommended course or lesson."""

    course = serializers.CharField(help_text="The platform's id")
    module = serializers.CharField(allow_null=True)
    title = serializers.CharField()
    rank = serializers.IntegerField(min_value=1)
    score = serializers.FloatField()
    confidence = serializers.IntegerField(min_value=1, max_value=4)
    chance = _chance("That it is opened within a week of being shown; null where no model tells")
    slot = serializers.ChoiceField(choices=[slot.value for slot in Slot])
    reasons = ReasonOut(many=True)


class RecommendationsOut(serializers.Serializer[Any]):
    """One answered request."""

    request_id = serializers.UUIDField()
    # The name of the answer's field; on a serializer it is an argument's, never read here.
    source = serializers.ChoiceField(choices=SOURCES)  # type: ignore[assignment]
    model = serializers.CharField(allow_null=True)
    took_ms = serializers.FloatField()
    items = ItemOut(many=True)
    usual_chance = _chance("How often picks are opened on average")
    mix = _mix()
    not_used = serializers.ListField(child=serializers.CharField())


class RecommendationsIn(serializers.Serializer[Any]):
    """What may be asked for."""

    learner = serializers.CharField(
        max_length=255, required=False, help_text="The platform's id; needed with a key"
    )
    surface = serializers.ChoiceField(choices=list(SURFACES), default="home")
    unit = serializers.ChoiceField(choices=UNITS, required=False, allow_null=True)
    intent = serializers.ChoiceField(
        choices=[intent.value for intent in Intent], required=False, allow_null=True
    )
    k = serializers.IntegerField(min_value=1, max_value=K_MOST, required=False, allow_null=True)
    course = serializers.CharField(
        required=False, allow_null=True, help_text="The course the surface stands beside"
    )


class FeedbackIn(serializers.Serializer[Any]):
    """What a learner says about a shown course."""

    request_id = serializers.UUIDField()
    course = serializers.CharField(max_length=255)
    action = serializers.ChoiceField(choices=[action.value for action in Action])


class FeedbackOut(FeedbackIn):
    """What was kept."""

    until = serializers.DateTimeField(allow_null=True, help_text="End of a snooze")


class ExplanationOut(serializers.Serializer[Any]):
    """The stored explanation of one item."""

    request_id = serializers.UUIDField()
    course = serializers.CharField()
    # As above.
    source = serializers.ChoiceField(choices=SOURCES)  # type: ignore[assignment]
    served_at = serializers.DateTimeField()
    rank = serializers.IntegerField()
    score = serializers.FloatField()
    confidence = serializers.IntegerField(min_value=1, max_value=4)
    chance = _chance("That it is opened within a week of being shown; null where no model tells")
    usual_chance = _chance("How often picks are opened on average")
    slot = serializers.ChoiceField(choices=[slot.value for slot in Slot])
    parts = serializers.DictField(
        child=serializers.FloatField(), help_text="Additive parts; they sum to the score"
    )
    mix = _mix()
    reasons = ReasonOut(many=True)
    used = serializers.ListField(child=serializers.CharField())
    not_used = serializers.ListField(child=serializers.CharField())
    note = serializers.CharField(allow_blank=True)


class ProblemOut(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    field = serializers.CharField(required=False)


def _problems(*statuses: int) -> dict[Any, Any]:
    said = OpenApiResponse(ProblemOut, description="What is wrong and what to do")
    return {(status, "application/problem+json"): said for status in statuses}


class Recommendations(APIView):
    """Describes /personalize/v1/recommendations."""

    @extend_schema(
        operation_id="recommendations_get",
        auth=KEY,
        parameters=[RecommendationsIn],
        responses={200: RecommendationsOut, **_problems(400, 401, 403, 503)},
    )
    def get(self, request: Request) -> Response:
        """List courses or lessons for one learner."""
        raise NotImplementedError("experience/rest.py answers")

    @extend_schema(
        operation_id="recommendations_post",
        auth=KEY,
        request=RecommendationsIn,
        responses={200: RecommendationsOut, **_problems(400, 401, 403, 413, 415, 503)},
    )
    def post(self, request: Request) -> Response:
        """List courses or lessons for one learner."""
        raise NotImplementedError("experience/rest.py answers")


class Why(APIView):
    """Describes /personalize/v1/why/."""

    @extend_schema(
        operation_id="why",
        auth=KEY,
        parameters=[
            OpenApiParameter("request_id", OpenApiTypes.UUID, OpenApiParameter.PATH),
            OpenApiParameter("course", OpenApiTypes.STR, OpenApiParameter.PATH),
        ],
        responses={200: ExplanationOut, **_problems(401, 404, 503)},
    )
    def get(self, request: Request, request_id: str, course: str) -> Response:
        """Explain one item of an answered request, from what was stored with it."""
        raise NotImplementedError("experience/rest.py answers")


class Feedback(APIView):
    """Describes /personalize/v1/feedback."""

    @extend_schema(
        operation_id="feedback",
        auth=KEY,
        request=FeedbackIn,
        responses={200: FeedbackOut, **_problems(400, 401, 403, 404, 413, 415, 503)},
    )
    def post(self, request: Request) -> Response:
        """Say something about a shown course; it acts on the next answer."""
        raise NotImplementedError("experience/rest.py answers")


class ContextIn(serializers.Serializer[Any]):
    """For whom it is asked, and what is known of them."""

    targetingKey = serializers.CharField(  # noqa: N815  the protocol's name
        max_length=255, help_text="The platform's id of the learner; other fields are attributes"
    )


class EvaluationIn(serializers.Serializer[Any]):
    """What OpenFeature's SDKs send."""

    # The protocol's name; a serializer has a mapping of that name, which is never read here.
    context = ContextIn()  # type: ignore[assignment]


class MetadataOut(serializers.Serializer[Any]):
    """What else is said of an evaluation."""

    kind = serializers.ChoiceField(choices=("flag", "experiment"))
    exposed = serializers.BooleanField(help_text="This answer counts the arm as shown")


class EvaluationOut(serializers.Serializer[Any]):
    """What one flag or experiment gives."""

    key = serializers.CharField()
    value = serializers.JSONField(help_text="true or false of a flag, the arm of an experiment")
    variant = serializers.CharField()
    reason = serializers.ChoiceField(choices=("STATIC", "SPLIT", "DISABLED", "DEFAULT"))
    metadata = MetadataOut()


class OneEvaluationOut(EvaluationOut):
    """The same for one that was asked for."""

    cacheable = serializers.BooleanField(help_text="False for experiments: each answer counts")


class AllEvaluationsOut(serializers.Serializer[Any]):
    """What all of them give."""

    flags = EvaluationOut(many=True)


class EvaluationFailureOut(serializers.Serializer[Any]):
    """Why there is no evaluation, in the protocol's codes."""

    key = serializers.CharField(required=False)
    errorCode = serializers.ChoiceField(  # noqa: N815  the protocol's name
        choices=("FLAG_NOT_FOUND", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "PARSE_ERROR")
    )
    errorDetails = serializers.CharField()  # noqa: N815  the protocol's name


class LaterOut(serializers.Serializer[Any]):
    """Ask again after Retry-After seconds."""

    errorDetails = serializers.CharField()  # noqa: N815  the protocol's name


EVALUATIONS: dict[Any, Any] = {
    400: EvaluationFailureOut,
    429: LaterOut,
    503: LaterOut,
}


class OneFlag(APIView):
    """Describes /ofrep/v1/evaluate/flags/{key}."""

    @extend_schema(
        operation_id="ofrep_one",
        auth=FLAG_KEY,
        parameters=[OpenApiParameter("key", OpenApiTypes.STR, OpenApiParameter.PATH)],
        request=EvaluationIn,
        responses={
            200: OneEvaluationOut,
            404: EvaluationFailureOut,
            **EVALUATIONS,
            **_problems(401),
        },
    )
    def post(self, request: Request, key: str) -> Response:
        """Evaluate one flag or experiment, which counts as showing it."""
        raise NotImplementedError("experience/ofrep.py answers")


class AllFlags(APIView):
    """Describes /ofrep/v1/evaluate/flags."""

    @extend_schema(
        operation_id="ofrep_all",
        auth=FLAG_KEY,
        parameters=[OpenApiParameter("If-None-Match", OpenApiTypes.STR, OpenApiParameter.HEADER)],
        request=EvaluationIn,
        responses={
            200: AllEvaluationsOut,
            304: OpenApiResponse(description="Nothing changed since that ETag"),
            **EVALUATIONS,
            **_problems(401),
        },
    )
    def post(self, request: Request) -> Response:
        """Evaluate all flags and experiments, which shows none of them yet."""
        raise NotImplementedError("experience/ofrep.py answers")


def described_by(description: type[APIView]) -> Callable[[AnyView], AnyView]:
    """Let the schema generator take a plain view for what `description` says."""

    def mark(view: AnyView) -> AnyView:
        view.cls = description  # type: ignore[attr-defined]
        view.initkwargs = {}  # type: ignore[attr-defined]
        return view

    return mark
