"""preview [NAME | QUERY]"""

from typing import Annotated

from bot import views
from bot.cards import Card
from bot.commands import orders
from bot.commands.parameters import LayoutName, MinVotes, Top
from bot.commands.request import Request
from bot.grammar import Completes
from bot.subscriptions import Layout, Order

WhatToPreview = Annotated[str, "the name of a subscription, or a filter", Completes.SUBSCRIPTION]


async def preview(
    request: Request, query: WhatToPreview = "", *, top: Top = 5, layout: LayoutName = "cards", min_votes: MinVotes = 0
) -> Card:
    """Show a digest as it would be posted now, to you alone.

    For example: `preview robots` for a subscription of that name, else `preview world models` for any filter.
    """
    here = await request.subscribing.of(request.asker.channel)
    order = next((one.order for one in here if one.name == query.lower()), None)
    if order is None and not query and len(here) == 1:
        order = here[0].order
    order = order or Order("papers", orders.query(query), top, Layout(layout), min_votes)
    return views.sample(await request.subscribing.sample(order, None, request.now))
