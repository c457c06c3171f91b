"""What several commands make of the words that describe an order."""

from bot import schedules
from bot.errors import UserError
from bot.grammar import Arguments
from bot.subscriptions import Asker, Layout, Order, Schedule

EVERYTHING = ("all", "everything")


def order(given: Arguments, asker: Asker) -> Order:
    """The order that the arguments of `subscribe` or `preview` describe. Raises UserError."""
    name = str(given.get("name", ""))
    return Order(
        name=schedules.name(name) if name else "",
        query=query(str(given["query"])),
        top=int(given["top"]),
        layout=Layout(str(given["layout"])),
        min_votes=int(given["min-votes"]),
        schedule=_schedule(str(given.get("at", "9")), str(given.get("tz", "")), str(given.get("days", "daily")), asker),
    )


def query(text: str) -> str:
    """The filter that the text is; `all` is none."""
    return "" if text.lower() in EVERYTHING else text


def zone(text: str, asker: Asker) -> str:
    """The zone that is given, else that of the person, else UTC where their platform calls it by no known name."""
    if text:
        return schedules.zone(text)
    try:
        return schedules.zone(asker.zone)
    except UserError:
        return Schedule().zone


def _schedule(at: str, tz: str, days: str, asker: Asker) -> Schedule:
    chosen, kind = schedules.days(days)
    return Schedule(schedules.clock_time(at), zone(tz, asker), chosen, kind)
