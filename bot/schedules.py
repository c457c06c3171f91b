"""Times, zones, days and names as people write them (pure). Each function raises UserError for what is none."""

import re
from collections.abc import Iterable
from datetime import date, time
from functools import lru_cache
from zoneinfo import available_timezones

from rapidfuzz import process

from bot.errors import Problem, UserError
from bot.subscriptions import DAY_NAMES, DAY_SETS, Kind

LONGEST_NAME = 40
_TIME = re.compile(r"([0-9]{1,2})(?:[:.h]([0-9]{2}))?\s*(am|pm)?", re.IGNORECASE)
_NAME = re.compile(rf"[\w][\w.-]{{0,{LONGEST_NAME - 1}}}")
_DAYS = tuple(day.lower() for day in DAY_NAMES)
_NEAR_ZONE = 60.0  # per cent of letters that agree
_NOON = 12


def clock_time(text: str) -> time:
    """`09:00`, `9`, `9:30`, `9am`, `21.30`"""
    match = _TIME.fullmatch(text.strip())
    if match:
        hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
        is_possible = 1 <= hour <= _NOON if half else hour < 2 * _NOON
        if half:
            hour = hour % _NOON + (_NOON if half == "pm" else 0)
        if is_possible and minute < 60:  # noqa: PLR2004 - minutes in an hour
            return time(hour, minute)
    raise UserError(Problem.BAD_TIME, value=text)


def zone(text: str) -> str:
    """The IANA name of a zone, from the name in any case or from its city: `europe/paris`, `Paris`, `new york`."""
    wanted = "_".join(text.strip().split()).lower()
    names = _zones()
    cities = [name for name in names if name.lower().rpartition("/")[2] == wanted]
    found = next((name for name in names if name.lower() == wanted), "") or (cities[0] if cities else "")
    if found:
        return found
    near = process.extract(wanted, [name.lower() for name in names], limit=3, score_cutoff=_NEAR_ZONE)
    raise UserError(Problem.BAD_ZONE, value=text, near=tuple(names[place] for _, _, place in near))


def zones_starting(text: str, limit: int) -> tuple[str, ...]:
    """Zones whose name or city begins so."""
    wanted = "_".join(text.strip().split()).lower()
    named = [
        name
        for name in _zones()
        if any(part.startswith(wanted) for part in (name.lower(), *name.lower().split("/")[1:]))
    ]
    return tuple(named[:limit])


def days(text: str) -> tuple[tuple[int, ...], Kind]:
    """`daily`, `weekdays`, `mon,wed` or `weekly:fri`, as ISO weekdays and how often."""
    wanted = text.strip().lower()
    if wanted.partition(":")[0] == "weekly":
        chosen = _weekdays(wanted.partition(":")[2] or "fri", text)
        if len(chosen) != 1:
            raise UserError(Problem.BAD_DAYS, value=text)
        return chosen, Kind.WEEKLY
    return DAY_SETS.get(wanted) or _weekdays(wanted, text), Kind.DAILY


def day(name: str, text: str) -> date:
    """A day such as `2026-12-01`."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UserError(Problem.BAD_DAY, name=name, value=text) from error


def name(text: str) -> str:
    """A name for a subscription: one word."""
    if not _NAME.fullmatch(text):
        raise UserError(Problem.BAD_NAME, value=text, longest=LONGEST_NAME)
    return text.lower()


def free_name(query: str, taken: Iterable[str]) -> str:
    """A name made of the first words of a query that no other subscription of the channel has."""
    words = re.findall(r"\w+", query.lower())[:3]
    base = "-".join(words)[: LONGEST_NAME - 5].strip("-") or "papers"
    others = {*taken}
    numbered = (base if n == 1 else f"{base}-{n}" for n in range(1, len(others) + 2))
    return next(one for one in numbered if one not in others)


def _weekdays(text: str, typed: str) -> tuple[int, ...]:
    parts = [part for part in re.split(r"[,;+\s]+", text) if part]
    chosen = {n for part in parts for n, day in enumerate(_DAYS, 1) if len(part) > 1 and day.startswith(part)}
    known = all(any(len(part) > 1 and day.startswith(part) for day in _DAYS) for part in parts)
    if not parts or not known:
        raise UserError(Problem.BAD_DAYS, value=typed)
    return tuple(sorted(chosen))


@lru_cache(maxsize=1)
def _zones() -> tuple[str, ...]:
    """The zones that people live in come before the short names for offsets and old spellings."""
    zones = {zone for zone in available_timezones() if zone not in ("localtime", "Factory", "posixrules")}
    return tuple(sorted(zones, key=lambda zone: ("/" not in zone, zone.startswith("Etc/"), zone)))
