"""All that a reader could see of a data folder, to compare how two runs ended."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Self

from bot.store.rows import PAPER_SELECT
from tests.programs import Program

Rows = list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class End:
    """What is stored and found; times and the numbers of changes may differ from run to run."""

    papers: Rows
    batches: Rows
    listed: Rows
    votes: Rows
    found: list[object]
    checked: str  # what `check` says of the database and of the index
    is_well: bool  # nothing that it looks at is bad

    @classmethod
    def of(cls, program: Program, queries: Sequence[str]) -> Self:
        """Asked of the program, and read from its database."""
        asked = program.call("ask", "--json", "-", typed="".join(f"{query}\n" for query in queries)).stdout
        cards = [json.loads(line) for line in asked.splitlines()]
        found = [[paper["id"] for paper in card.get("papers", [])] or card["title"] for card in cards]
        checked = [line.split(maxsplit=2) for line in program.call("check").stdout.splitlines()]
        said = {subject: sentence for _, subject, sentence in checked}
        is_well = all(verdict != "bad" for verdict, subject, _ in checked if subject != "Hugging")
        with closing(sqlite3.connect(program.data / "paper-round.db")) as database:
            return cls(
                database.execute(f"SELECT {PAPER_SELECT} FROM papers p ORDER BY id").fetchall(),
                database.execute("SELECT day, size, skipped FROM batches ORDER BY day").fetchall(),
                database.execute("SELECT day, paper, place FROM batch_papers ORDER BY day, place").fetchall(),
                database.execute("SELECT paper, votes FROM votes ORDER BY paper, first_seen").fetchall(),
                found,
                f"{said['database']}; index: {said['index']}",
                is_well,
            )
