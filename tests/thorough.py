"""How far the tests look: `THOROUGH=1 make test`, as CI says it, looks at everything that was recorded."""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

THOROUGH = os.environ.get("THOROUGH") == "1"
EXAMPLES = 100 if THOROUGH else 20  # of each property


def some(values: Sequence[T], every: int) -> Sequence[T]:
    """All of them, or one of so many."""
    return values if THOROUGH else values[::every]
