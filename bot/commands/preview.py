"""preview [NAME | QUERY]"""

from dataclasses import replace
from typing import Annotated

from bot import views
from bot.cards import Card
from bot.commands import orders
from bot.commands.parameters import LayoutName, MinVotes, Top
from bot.commands.request import Request
from bot.grammar import Completes
from bot.subscriptions import Layout, Order, Schedule

WhatToPreview = Annotated[str, "the name of a subscription, or a filter", Completes.SUBSCRIPTION]


async def preview(
    request: Request,
    query: WhatToPreview = "",
    *,
    top: Top = 0,
    layout: LayoutName = "",  # type: ignore[assignment]  # nothing leaves it as it is
    min_votes: MinVotes = -1,
) -> Card:
    """Show a digest as it would be posted now, to you alone.

    For example: “preview robots” for a subscription of that name, else “preview world models” for any filter.
    """
    here = await request.subscribing.of(request.asker.channel)
    order = next((one.order for one in here if one.name == query.lower()), None)
    if order is None and not query and len(here) == 1:
        order = here[0].order
    order = order or Order("papers", orders.query(query), schedule=Schedule(zone=orders.zone("", request.asker)))
    order = replace(
        order,
        top=top or order.top,
        layout=Layout(layout) if layout else order.layout,
        min_votes=order.min_votes if min_votes < 0 else min_votes,
    )
    return views.sample(await request.subscribing.sample(order, None, request.now))
