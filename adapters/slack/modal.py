"""Subscribing in a window instead of by text: its views, and what was entered. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from adapters.slack.render import render
from bot import views
from bot.cards import Card
from bot.grammar import Value
from bot.subscriptions import DAY_NAMES, Asker

FORM, CONFIRMED = "subscribe-form", "subscribe-confirmed"
ZONE = "zone"
_DAYS = ("daily", "weekdays", *(f"weekly:{day[:3].lower()}" for day in DAY_NAMES))
_MOST_BLOCKS = 90  # of the 100 that a window may have
_FIELDS = {"query": "query", "top": "top", "at": "at", "tz": ZONE, "days": "days", "layout": "layout", "name": "name"}
FIRST = "query"

Json = dict[str, Any]


def form(asker: Asker) -> Json:
    """The window in which an order is described; the zone is that of the person's profile."""
    labels = views.ORDER_LABELS
    zone = {"text": _plain(asker.zone), "value": asker.zone}
    layouts = _options(("cards", "compact"))
    blocks = [
        _input("query", labels["query"], _text("query"), optional=True, hint=views.ORDER_HINT),
        _input("top", labels["top"], {"type": "number_input", "action_id": "top", "is_decimal_allowed": False,
                                      "min_value": "1", "max_value": "20", "initial_value": "5"}),
        _input("at", labels["at"], {"type": "timepicker", "action_id": "at", "initial_time": "09:00"}),
        _input(ZONE, labels["tz"], {"type": "external_select", "action_id": ZONE, "min_query_length": 2,
                                    "initial_option": zone}),
        _input("days", labels["days"], _select("days", _options(_DAYS))),
        _input("layout", labels["layout"], _select("layout", layouts)),
        _input("name", labels["name"], _text("name"), optional=True),
    ]  # fmt: skip
    return _window(FORM, labels["title"], labels["preview"], blocks, asker.channel.id)


def preview(card: Card, channel: str, command: str) -> Json:
    """What would come, with the button that orders it; `command` is what that says."""
    labels = views.ORDER_LABELS
    shown = render(Card(card.title, card.text, rows=card.rows, notes=card.notes))["blocks"][:_MOST_BLOCKS]
    return _window(CONFIRMED, labels["title"], views.CONFIRM, shown, f"{channel} {command}")


def entered(view: Mapping[str, Any]) -> dict[str, Value]:
    """The arguments of `subscribe` that stand in the form; what was left empty is left out."""
    values = view["state"]["values"]
    found = {argument: _value(values.get(field) or {}) for argument, field in _FIELDS.items()}
    return {name: value for name, value in found.items() if value}


def errors(failure: Card) -> dict[str, str]:
    """What is wrong, beside the field that it is about; what concerns none is shown at the first."""
    return {_FIELDS.get(failure.about, FIRST): failure.title}


def zone_options(names: Iterable[str]) -> Json:
    """Zones to choose from, while somebody types."""
    return {"options": _options(names)}


def _value(field: Mapping[str, Any]) -> str:
    """What was entered or chosen in the one element of a field."""
    element: Mapping[str, Any] = next(iter(field.values()), {})
    chosen = element.get("selected_option") or {}
    return str(element.get("value") or element.get("selected_time") or chosen.get("value") or "")


def _window(callback: str, title: str, submit: str, blocks: list[Json], private: str) -> Json:
    return {
        "type": "modal",
        "callback_id": callback,
        "title": _plain(title),
        "submit": _plain(submit),
        "close": _plain(views.ORDER_LABELS["cancel"]),
        "private_metadata": private[:3_000],
        "blocks": blocks,
    }


def _input(block: str, label: str, element: Json, *, optional: bool = False, hint: str = "") -> Json:
    made = {"type": "input", "block_id": block, "label": _plain(label), "element": element, "optional": optional}
    return made | ({"hint": _plain(hint)} if hint else {})


def _text(action: str) -> Json:
    return {"type": "plain_text_input", "action_id": action, "max_length": 1_000}


def _select(action: str, options: list[Json]) -> Json:
    return {"type": "static_select", "action_id": action, "options": options, "initial_option": options[0]}


def _options(values: Iterable[str]) -> list[Json]:
    return [{"text": _plain(value), "value": value} for value in values]


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}
