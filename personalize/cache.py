"""How are cached values written? As JSON: whoever can write to the cache must not run code here."""

import json
from typing import Any


class JsonSerializer:
    """Django's Redis backend asks for these two; integers stay bare so that INCR works."""

    def dumps(self, value: Any) -> bytes | int:
        """Return the value as JSON; raise TypeError for what JSON has no word for."""
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        """Return the value that was stored; an integer is JSON as well."""
        return json.loads(data)
