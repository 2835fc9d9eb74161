"""How does a REST answer say no? (L5) As application/problem+json (RFC 9457), naming the field."""

import orjson
from django.http import HttpResponse


class Problem(Exception):  # noqa: N818  it is an answer, not a failure
    """An answer other than 200."""

    def __init__(
        self, status: int, title: str, detail: str, *, field: str = "", retry_after_s: int = 0
    ) -> None:
        """Keep the parts of the answer."""
        super().__init__(detail)
        self.status, self.title, self.detail = status, title, detail
        self.field, self.retry_after_s = field, retry_after_s

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
            orjson.dumps(body), status=self.status, content_type="application/problem+json"
        )
        if self.retry_after_s:
            answer["Retry-After"] = str(self.retry_after_s)
        if self.status == 401:
            answer["WWW-Authenticate"] = 'Bearer realm="personalize"'
        return answer
