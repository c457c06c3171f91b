"""How numbers, days and lists are put into words."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.models import Window

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def day(value: date) -> str:
    """`Fri 20 Nov 2026`"""
    return f"{value:%a} {value.day} {value:%b %Y}"


def days(first: date, last: date) -> str:
    """A span of days, `14 Nov to 20 Nov 2026`, or the one day that it is."""
    if first == last:
        return day(last)
    year = f" {first.year}" if first.year != last.year else ""
    return f"{first.day} {first:%b}{year} to {last.day} {last:%b %Y}"


def batches(window: Window) -> str:
    """`batch of Fri 20 Nov 2026`, `batches of 14 Nov to 20 Nov 2026`"""
    return f"batch{'' if window.first == window.last else 'es'} of {days(window.first, window.last)}"


def count(number: int, noun: str) -> str:
    """`1 paper`, `7,384 papers`, `3 batches`"""
    plural = f"{noun}es" if noun.endswith("ch") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """`a, b and c`"""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def sentence(text: str) -> str:
    """The text with a capital letter and one full stop; nothing where there is none."""
    said = text.strip()
    ending = "" if said.endswith(("?", "!", "…")) else "."
    return f"{said[:1].upper()}{said[1:].rstrip('.')}{ending}" if said else ""


def ago(moment: datetime, now: datetime) -> str:
    """`3 minutes ago`"""
    seconds = max(0, int((now - moment).total_seconds()))
    if seconds < _MINUTE:
        return "just now"
    for unit, noun in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= unit:
            return f"{count(seconds // unit, noun)} ago"
    raise AssertionError("a minute is the least")


def until(moment: datetime, now: datetime) -> str:
    """`in 3 minutes`"""
    seconds = int((moment - now).total_seconds())
    for unit, noun in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= unit:
            return f"in {count(seconds // unit, noun)}"
    return "now"


def known_zone(name: str) -> ZoneInfo | None:
    """The zone of that name; None for one that the tables of zones have dropped."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return None
