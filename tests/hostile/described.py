"""What does the OpenAPI description allow, and what just not? Requests made by schemathesis."""

import json
from typing import Any
from urllib.parse import urlencode

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.hostile.client import Asked


def cases(schema: dict[str, Any], key: str, each: int) -> list[Asked]:
    """Return about `each` requests for every operation, right ones and wrong ones."""
    found = list[Asked]()
    described = schemathesis.openapi.from_dict(schema)
    modes = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
    for result in described.get_all_operations():
        operation = result.ok()  # type: ignore[union-attr]  # what cannot be read raises
        for mode in modes:

            @seed(1)
            @settings(
                max_examples=each // len(modes),
                phases=[Phase.generate],
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(operation.as_strategy(generation_mode=mode))
            def take(case: Any) -> None:
                found.append(_asked(case, key))

            take()
    return found


def _asked(case: Any, key: str) -> Asked:
    path = case.formatted_path
    query = {name: str(value) for name, value in (case.query or {}).items()}
    if query:
        path += "?" + urlencode(query, errors="surrogatepass")
    body = b"" if _nothing(case.body) else json.dumps(case.body, default=str).encode()
    said = [
        (name, str(value).replace("\r", "").replace("\n", "").replace("\x00", ""))
        for name, value in (case.headers or {}).items()
        if name.lower() not in {"content-length", "host"}
    ]
    if not any(name.lower() == "authorization" for name, _ in said):
        said.append(("Authorization", f"Bearer {key}"))
    said.append(("Content-Type", case.media_type or "application/json"))
    return Asked("OpenAPI", case.method.upper(), path.replace(" ", "%20"), tuple(said), body)


def _nothing(body: object) -> bool:
    return type(body).__name__ == "NotSet"
