"""L1: how does a door say no? As application/problem+json (RFC 9457), naming the field."""

import msgspec
from django.http import HttpResponse

CONTENT_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818  it is an answer, not a failure
    """An answer other than 200."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        field: str = "",
        retry_after_s: int = 0,
        refused: bytes = b"",
    ) -> None:
        """Keep the parts of the answer."""
        super().__init__(detail)
        self.status, self.title, self.detail = status, title, detail
        self.field, self.retry_after_s = field, retry_after_s
        self.refused = refused  # what was sent, where it is to be kept

    def response(self) -> HttpResponse:
        """Return the answer."""
        body: dict[str, object] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.field:
            body["field"] = self.field
        answer = HttpResponse(
            msgspec.json.encode(body), status=self.status, content_type=CONTENT_TYPE
        )
        if self.retry_after_s:
            answer["Retry-After"] = str(self.retry_after_s)
        if self.status == 401:
            answer["WWW-Authenticate"] = 'Bearer realm="signals"'
        return answer
