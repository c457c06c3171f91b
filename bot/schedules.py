"""Times, zones, days and names as people write them (pure). Each function raises UserError for what is none."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import MAXYEAR, MINYEAR, date, time
from functools import lru_cache
from zoneinfo import available_timezones

from rapidfuzz import process

from bot.errors import Problem, UserError
from bot.marks import extends, without_mark_floods
from bot.subscriptions import DAY_NAMES, DAY_SETS, Kind

LONGEST_NAME = 40
_TIME = re.compile(r"([0-9]{1,2})(?:[:.h]([0-9]{2}))?\s*(am|pm)?", re.IGNORECASE)
# Letters and marks that show nothing: joiners of graphemes, fillers of Hangul and Khitan, a selector of Duployan, Khmer's and Mongolian's
# invisible vowels and selectors, blank hieroglyphs.
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0\U00013441\U00013442\U00016fe4\U0001bc9d"
).union(map(chr, range(0xFE00, 0xFE10)), map(chr, range(0xE0100, 0xE01F0)))
_LONGEST_ZONE = 100  # characters that are looked at
# `Etc/GMT+3` is three hours behind Greenwich, so that it must never be what `GMT+3` finds.
_OFFSET = re.compile(r"etc/gmt[+_].*")
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
    """The IANA name of a zone, from the name in any case or from its city: `europe/paris`, `Paris`, `são paulo`."""
    if len(text) > _LONGEST_ZONE:
        raise UserError(Problem.BAD_ZONE, value=text, near=())
    wanted, names = _folded(text), _zones()
    if wanted in names:
        return names[wanted]
    places = [folded for folded in names if not _OFFSET.fullmatch(folded)]
    found = next((folded for folded in places if folded.rpartition("/")[2] == wanted), "")
    if found:
        return names[found]
    near = process.extract(wanted, places, limit=3, score_cutoff=_NEAR_ZONE)
    raise UserError(Problem.BAD_ZONE, value=text, near=tuple(names[folded] for folded, _, _ in near))


def zones_starting(text: str, limit: int) -> tuple[str, ...]:
    """Zones whose name or city begins so."""
    wanted = _folded(text[:_LONGEST_ZONE])
    named = [
        name
        for folded, name in _zones().items()
        if any(part.startswith(wanted) for part in (folded, *folded.split("/")[1:])) and not _OFFSET.fullmatch(folded)
    ]
    return tuple(named[:limit])


def days(text: str) -> tuple[tuple[int, ...], Kind]:
    """`daily`, `weekdays`, `mon,wed`, `mon-fri` or `weekly:fri`, as ISO weekdays and how often."""
    wanted = text.strip().lower()
    if wanted.partition(":")[0] == "weekly":
        chosen = _weekdays(wanted.partition(":")[2] or "fri", text)
        if len(chosen) != 1:
            raise UserError(Problem.BAD_DAYS, value=text)
        return chosen, Kind.WEEKLY
    return DAY_SETS.get(wanted) or _weekdays(wanted, text), Kind.DAILY


def day(name: str, text: str) -> date:
    """A day such as `2026-12-01`; of the first and the last year there is none, as spans and zones reach beyond them."""
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise UserError(Problem.BAD_DAY, name=name, value=text) from error
    if found.year in (MINYEAR, MAXYEAR):
        raise UserError(Problem.BAD_DAY, name=name, value=text)
    return found


def name(text: str) -> str:
    """A name for a subscription: one word of letters, digits and marks of any script, `_`, `-` and `.`, in small letters."""
    found = _small(text) if len(text) <= LONGEST_NAME else text
    if not _is_name(found):
        raise UserError(Problem.BAD_NAME, value=text, longest=LONGEST_NAME)
    return found


def free_name(query: str, taken: Iterable[str]) -> str:
    """A name made of the first words of a query that no other subscription of the channel has."""
    words = "".join(char if _is_in_word(char) else " " for char in _small(query)).split()[:3]
    base = "-".join(words)[: LONGEST_NAME - 5].strip("-")
    base = base if _is_name(base) else "papers"
    others = {*taken}
    numbered = (base if n == 1 else f"{base}-{n}" for n in range(1, len(others) + 2))
    return next(one for one in numbered if one not in others)


def _small(text: str) -> str:
    # The floods must go first: normalising takes quadratic time in the length of a run of marks.
    return unicodedata.normalize("NFC", without_mark_floods(text.lower()))


def _is_name(text: str) -> bool:
    is_whole = 0 < len(text) <= LONGEST_NAME and all(_is_in_word(char) or char in ".-" for char in text)
    return is_whole and text[0] not in ".-" and not extends(text[0])


def _is_in_word(char: str) -> bool:
    """Whether it is a visible letter, digit or mark of any script, or `_`."""
    return char == "_" or (unicodedata.category(char)[0] in "LMN" and char not in _INVISIBLE)


def _weekdays(text: str, typed: str) -> tuple[int, ...]:
    parts = [part for part in re.split(r"[,;+\s]+", text) if part]
    chosen: set[int] = set()
    for part in parts:
        first, dash, last = part.partition("-")
        begins, ends = _weekday(first), _weekday(last if dash else first)
        if not begins or not ends:
            raise UserError(Problem.BAD_DAYS, value=typed)
        chosen |= {(begins - 1 + n) % 7 + 1 for n in range((ends - begins) % 7 + 1)}
    if not chosen:
        raise UserError(Problem.BAD_DAYS, value=typed)
    return tuple(sorted(chosen))


def _weekday(text: str) -> int:
    """The ISO number of a day whose name begins so; 0 for none."""
    return next((n for n, day in enumerate(_DAYS, 1) if len(text) > 1 and day.startswith(text)), 0)


def _folded(text: str) -> str:
    """Without case, accents and the difference between space, `-` and `_`: `Port au Prince`, `Zürich`."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)).lower()
    return "/".join("_".join(re.split(r"[\s_-]+", part.strip())) for part in plain.split("/"))


@lru_cache(maxsize=1)
def _zones() -> Mapping[str, str]:
    """The names by how they are compared; where people live comes before short names for offsets and old spellings."""
    zones = {zone for zone in available_timezones() if zone not in ("localtime", "Factory", "posixrules")}
    return {
        _folded(name): name for name in sorted(zones, key=lambda name: ("/" not in name, name.startswith("Etc/"), name))
    }
