"""What several commands make of the words that describe an order."""

from bot import schedules
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


def _schedule(at: str, zone: str, days: str, asker: Asker) -> Schedule:
    chosen, kind = schedules.days(days)
    return Schedule(schedules.clock_time(at), schedules.zone(zone or asker.zone), chosen, kind)
