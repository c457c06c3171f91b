"""What is said of the sources that were asked while somebody waited."""

from collections.abc import Sequence

from bot.results import Asked
from bot.views import wording


def places(asked: Sequence[Asked]) -> str:
    """Where it was looked: `here, at Hugging Face or at arXiv`."""
    return wording.listed(["here", *(f"at {answer.source}" for answer in asked if not answer.failure)], "or")


def failures(asked: Sequence[Asked]) -> tuple[str, ...]:
    """Which sources could not be asked, and why; empty when all answered."""
    return tuple(f"{answer.source} could not be asked: {answer.failure}." for answer in asked if answer.failure)
