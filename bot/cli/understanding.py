"""Search by meaning: the model is found or brought once, and papers are read in the background."""

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli import progress, wiring
from bot.config import Config
from bot.embedding import Embedding
from bot.errors import BotError, ModelError, SourceError
from bot.indexing import Progress
from bot.sources.hub import Hub, installed

if TYPE_CHECKING:  # half a second to load, and an extra
    from bot.search.meaning import Meaning

_FIRST_AGAIN, _LONGEST_WAIT = 60.0, 6 * 3600.0  # seconds until what failed is tried again

log = logging.getLogger(__name__)


async def found(settings: Config, threads: int = 1) -> "Meaning | None":
    """The model that is here already, None when there is none. Raises ModelError when it cannot be used."""
    folder = _folder(settings)
    is_here = bool(settings.model_dir) or await asyncio.to_thread(installed, folder)
    return await asyncio.to_thread(_loaded, folder, threads) if is_here else None


async def brought(settings: Config, threads: int = 1) -> "Meaning":
    """The model, which is downloaded where it is not here yet. Raises ModelError or SourceError."""
    if meaning := await found(settings, threads):
        return meaning
    await asyncio.to_thread(usable)  # before 23 MB are brought that nothing can read
    async with wiring.client() as client:
        with progress.downloading() as done:
            await Hub(client, settings.hf_hub_url).fetch(_folder(settings), done)
    return await asyncio.to_thread(_loaded, _folder(settings), threads)


async def follow(settings: Config, stored: wiring.Library) -> None:
    """Find papers by meaning as soon as there is a model, and keep reading new ones; until cancelled."""
    said, wait = "", _FIRST_AGAIN
    while True:
        pausing = wait
        try:
            await _lived(settings, stored)
        except BotError as error:
            if str(error) != said:
                log.warning("words alone are compared for now, because there is no model: %s", error)
            said = str(error)
            pausing = pause(wait, error)
        except Exception:  # nothing may end the bot
            log.exception("words alone are compared for now")
        await asyncio.sleep(pausing)
        wait = min(2 * wait, _LONGEST_WAIT)


def pause(usual: float, error: BotError) -> float:
    """Seconds until it is tried again: as usual, or when the hub said that it may be."""
    asked = (isinstance(error, SourceError) and error.waiting) or 0.0
    return min(max(usual, asked), _LONGEST_WAIT)


async def _lived(settings: Config, stored: wiring.Library) -> None:
    meaning = await brought(settings)
    try:
        await (await taught(stored, meaning)).follow()
    finally:
        await meaning.close()


async def taught(stored: wiring.Library, meaning: "Meaning", told: Progress | None = None) -> Embedding:
    """From now on the index finds papers by all that was read before; `told` hears of what is read later."""
    embedding = Embedding(stored.store, stored.records.vectors, meaning, *([told] if told else []))
    await embedding.load()
    stored.index.understand(meaning)
    return embedding


def _folder(settings: Config) -> Path:
    return Path(settings.model_dir) if settings.model_dir else settings.data_dir / "model"


def usable() -> "type[Meaning]":
    """What reads a model. Raises ModelError where the packages for it are not installed."""
    try:
        from bot.search.meaning import Meaning  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ModelError(
            f"{error.name} is not installed: run `pip install 'paper-round[semantic]'` to find papers by meaning"
        ) from error
    return Meaning


def _loaded(folder: Path, threads: int) -> "Meaning":
    return usable()(folder, threads=threads)
