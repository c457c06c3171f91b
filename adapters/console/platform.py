"""The console: line editing, history and completion on a terminal; lines in, cards out at a pipe."""

import shutil
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout

from adapters.console.lines import standard_input
from adapters.console.render import Screen, buttons, render
from bot import dispatch, views
from bot.cards import Card
from bot.core import Core

PROMPT = "papers> "
_LEAVE = ("quit", "exit")


class Console:
    """Reads a terminal or a pipe; `quit` or the end of the input ends it."""

    def __init__(self, core: Callable[[], Core], now: Callable[[], datetime], history: Path) -> None:
        self.core = core  # what it gives may be another one each time
        self._now = now
        self._history = history
        self._last: Card | None = None

    async def run(self) -> bool:
        """Answer line by line; whether it ended because somebody said `quit`, and not with its input."""
        on_terminal = bool(sys.stdin and sys.stdin.isatty() and sys.stdout.isatty())
        async for line in self._typed() if on_terminal else standard_input():
            said = line.strip()
            if said.lower() in _LEAVE:
                return True
            if said:
                print(await self.answer(said, _screen() if on_terminal else Screen()), end="\n\n", flush=True)
        return False

    async def answer(self, said: str, screen: Screen) -> str:
        """What is printed for one line; the name of a button that was just shown presses it."""
        if self._last and said.lower() == views.NEXT.lower() and self._pressed(said) == said:
            return render(views.no_next(), screen)
        card = await dispatch.run_text(self._pressed(said), self.core(), self._now())
        self._last = card
        return render(card, screen)

    def _pressed(self, said: str) -> str:
        """The command of the button of that name on the last card, else what was said."""
        shown = buttons(self._last) if self._last else ()
        return next((button.command for button in shown if button.label.lower() == said.lower()), said)

    async def _typed(self) -> AsyncIterator[str]:
        session: PromptSession[str] = PromptSession(
            history=_remembered(self._history), completer=_Completer(self), complete_while_typing=True
        )
        print("Ask for papers: “search ...”, “trending”, an arXiv id, “help”. “quit” ends.")
        with patch_stdout(raw=True):
            while True:
                try:
                    yield await session.prompt_async(PROMPT)
                except KeyboardInterrupt:
                    continue  # the line is dropped, as in a shell
                except EOFError:
                    return


class _Completer(Completer):
    """Completes verbs, choices and titles while somebody types."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> list[Completion]:
        """Only the asynchronous form below is used."""
        return []

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        """What the line so far can become."""
        length, choices = await dispatch.complete_text(document.text_before_cursor, self._console.core())
        for choice in choices:
            yield Completion(choice.value, start_position=-length, display=choice.label)


def _screen() -> Screen:
    return Screen(shutil.get_terminal_size().columns, styled=True)


def _remembered(path: Path) -> History:
    """The history in its file, or only in memory where the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))
