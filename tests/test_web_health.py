"""What those who watch the bot are told: alive, ready, metrics, and the state of the sources."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from bot.health import Front, Phase
from bot.views import web as words
from tests.web_page import Served, opened, said, visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with opened(tmp_path_factory.mktemp("page")) as page:
        yield page


async def test_a_file_that_the_browser_has_already_is_not_sent_again(site: Served) -> None:
    async with visitor(site) as client:
        first = await client.get("/assets/style.css")
        again = await client.get("/assets/style.css", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_it_is_ready_while_a_platform_is_served_and_not_when_it_ends(site: Served) -> None:
    async with visitor(site) as client:
        assert (await client.get("/readyz")).json()["ready"]
        site.health.fronts |= {"discord": Front.WAITING, "slack": Front.SERVING}
        assert (await client.get("/readyz")).json()["parts"]["discord"] == "waiting"
        site.health.connected["slack"] = lambda: False
        lost = await client.get("/readyz")
        assert (lost.status_code, lost.json()["parts"]["slack"]) == (503, "waiting")
        assert 'platform_up{platform="slack"} 0.0' in (await client.get("/metrics")).text
        site.health.connected.clear()
        site.health.fronts["slack"] = Front.REFUSED
        assert (await client.get("/readyz")).status_code == 503
        site.health.fronts.clear()
        site.health.phase = Phase.ENDING
        ended = await client.get("/readyz")
        site.health.phase = Phase.RUNNING
        assert (ended.status_code, ended.json()["parts"]["life"]) == (503, "ending")
        assert (await client.get("/healthz")).text == "ok\n"


async def test_a_database_that_cannot_be_read_is_not_ready_and_the_board_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path) as page, visitor(page) as client:
        await page.bot.store.close()
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["parts"]["database"]) == (503, "cannot be read")
        assert (await client.get("/api/board")).json() == {"error": words.OUT_OF_ORDER}
        assert (await client.get("/metrics")).status_code == 200
        assert (await said(page, "trending"))["card"]["tone"] == "failure"


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    found = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for one in found}


async def test_metrics_count_commands_by_verb_and_outcome_and_show_deliveries_and_the_index(site: Served) -> None:
    async with visitor(site) as client:
        before = samples((await client.get("/metrics")).text)
        for text in ("trending", "search since:yesterdayish", "trending"):
            await said(site, text)
        after = samples((await client.get("/metrics")).text)
    answered = ("paper_round_commands_total", (("outcome", "answer"), ("platform", "web"), ("verb", "trending")))
    refused = ("paper_round_commands_total", (("outcome", "refusal"), ("platform", "web"), ("verb", "search")))
    assert after[answered] - before.get(answered, 0) == 2
    assert after[refused] - before.get(refused, 0) == 1
    assert after[("paper_round_command_seconds_count", (("verb", "trending"),))] >= 2
    assert after[("paper_round_deliveries", (("state", "sent"),))] == 5
    assert after[("paper_round_index_papers", ())] == after[("paper_round_papers", ())] > 46
    assert after[("paper_round_index_lag_changes", ())] == 0
    assert after[("paper_round_queue_age_seconds", ())] == 0
    assert ("paper_round_event_loop_delay_seconds_count", ()) in after


async def test_metrics_tell_how_long_the_oldest_delivery_is_due_and_how_attempts_end(tmp_path: Path) -> None:
    async with opened(tmp_path) as page, visitor(page) as client:
        page.bot.time.advance(hours=22)
        await page.bot.planner.tick(page.bot.time.now())
        found = samples((await client.get("/metrics")).text)
        assert found[("paper_round_queue_due", ())] >= 1
        assert found[("paper_round_queue_age_seconds", ())] == pytest.approx(3_600, abs=60)
