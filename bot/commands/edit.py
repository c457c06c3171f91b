"""edit [NAME]"""

from dataclasses import replace

from bot import schedules, views
from bot.cards import Card
from bot.commands import orders
from bot.commands.parameters import At, Days, LayoutName, MinVotes, NewFilterText, NewName, SubscriptionName, Top, Zone
from bot.commands.request import Request
from bot.errors import Problem, UserError
from bot.subscriptions import Layout, Order, Schedule


async def edit(  # noqa: PLR0913 - each is a value that people may give
    request: Request,
    name: SubscriptionName = "",
    query: NewFilterText = "",
    *,
    top: Top = 0,
    at: At = "",
    tz: Zone = "",
    days: Days = "",
    layout: LayoutName = "",  # type: ignore[assignment]  # nothing leaves it as it is
    min_votes: MinVotes = -1,
    rename: NewName = "",
) -> Card:
    """Change a subscription; what you do not say stays as it is.

    For example: “edit robots top:10 at:08:30”. “all” as the filter lets every paper pass.
    """
    subscription = await request.subscribing.named(name, request.asker.channel)
    old = subscription.order
    order = Order(
        name=schedules.name(rename) if rename else old.name,
        query=orders.query(query) if query else old.query,
        top=top or old.top,
        layout=Layout(layout) if layout else old.layout,
        min_votes=old.min_votes if min_votes < 0 else min_votes,
        schedule=_schedule(old.schedule, at, tz, days),
    )
    if order == old:
        raise UserError(Problem.NOTHING_TO_CHANGE, name=old.name)
    try:
        changed, first = await request.subscribing.edit(subscription, order, request.now)
    except UserError as error:
        if error.problem is Problem.UNKNOWN_FILTER and error.details["name"] == "name":
            raise UserError(Problem.UNKNOWN_FILTER, name="name", near="rename") from error
        raise
    return views.edited(changed, first, request.now)


def _schedule(old: Schedule, at: str, tz: str, days: str) -> Schedule:
    chosen, kind = schedules.days(days) if days else (old.days, old.kind)
    moment = schedules.clock_time(at) if at else old.at
    return replace(old, at=moment, zone=schedules.zone(tz) if tz else old.zone, days=chosen, kind=kind)
