"""subscribe [QUERY]"""

from typing import Annotated, Literal

from bot import views
from bot.cards import Card
from bot.commands import orders
from bot.commands.parameters import At, Days, FilterText, LayoutName, MinVotes, NewName, Top, Zone
from bot.commands.request import Request
from bot.grammar import Internal

Confirmed = Annotated[Literal["no", "yes"], "whether the preview was seen", Internal()]


async def subscribe(  # noqa: PLR0913 - each is a value that people may give
    request: Request,
    query: FilterText = "",  # noqa: ARG001 - the arguments are read together
    *,
    top: Top = 5,  # noqa: ARG001
    at: At = "09:00",  # noqa: ARG001
    tz: Zone = "",  # noqa: ARG001
    days: Days = "daily",  # noqa: ARG001
    layout: LayoutName = "cards",  # noqa: ARG001
    min_votes: MinVotes = 0,  # noqa: ARG001
    name: NewName = "",  # noqa: ARG001
    confirm: Confirmed = "no",
) -> Card:
    """Have the best papers posted here, every day or every week.

    First you alone see what the last batches would have brought, and nothing is ordered before you confirm.
    For example: “subscribe world models top:3 at:08:30 tz:Europe/Paris days:weekdays”.
    """
    # Looked at and ordered is what the button Confirm says, in which some words of a filter are in quotes.
    command = request.command
    arguments = command.bind(command.read(command.typed(request.arguments).partition(" ")[2]))
    order = orders.order(arguments, request.asker)
    if confirm == "yes":
        subscription, first = await request.subscribing.subscribe(order, request.asker, request.now)
        return views.subscribed(subscription, first, request.now)
    preview = await request.subscribing.preview(order, request.asker, request.now)
    known = {"name": preview.order.name, "tz": order.schedule.zone, "confirm": "yes"}
    return views.subscription_preview(preview, request.now, command.typed({**arguments, **known}))
