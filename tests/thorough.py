"""How far the tests look: `THOROUGH=1 make test`, as CI says it, looks at everything that was recorded."""

import os
from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

THOROUGH = os.environ.get("THOROUGH") == "1"
EXAMPLES = 100 if THOROUGH else 20  # of each property


def some(values: Iterable[T], every: int) -> list[T]:
    """All of them, or one of so many."""
    return [*islice(values, 0, None, 1 if THOROUGH else every)]
