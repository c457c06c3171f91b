"""A handful of real papers, stored and indexed as the bot does it, and a source at the edge that can be programmed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from bot.comparing import comparable
from bot.core import Core
from bot.errors import SourceError
from bot.indexing import Indexer
from bot.models import Batch, Paper
from bot.ports import Source, Store
from bot.query import Query
from bot.search import TantivyIndex
from bot.store import SqlStore, records
from tests.papers import MONDAY, NOON, batch, later, paper

HYBRID = paper(
    "2603.25716",
    title="Out of Sight but Not Out of Mind: Hybrid Memory for Dynamic Video World Models",
    abstract="Video world models forget subjects that leave the view. A hybrid memory keeps them.",
    authors=("Kaijin Chen", "Dingkang Liang", "Xin Zhou", "Yikang Ding", "Xiang Bai"),
    organization="H-EmbodVis",
    organization_handle="H-EmbodVis",
    ai_summary="A hybrid memory lets video world models track subjects that are out of sight.",
    code_url="https://github.com/H-EmbodVis/HyDRA",
    votes=124,
    comments=1,
    stars=41,
)
SHOTSTREAM = paper(
    "2603.25746",
    title="ShotStream: Streaming Multi-Shot Video Generation for Interactive Storytelling",
    abstract="A causal architecture generates video shot by shot while a story is told.",
    authors=("Yawen Luo", "Xiaoyu Shi", "Junhao Zhuang"),
    code_url="https://github.com/KlingAIResearch/ShotStream",
    votes=100,
    comments=2,
)
PACKFORCING = paper(
    "2603.25730",
    title="PackForcing: Short Video Training Suffices for Long Video Sampling and Long Context Inference",
    abstract="Compressing the context of a video model makes long video sampling possible.",
    authors=("Xiaofeng Mao", "Shaohao Rui", "Kaining Ying"),
    organization="Shanda AI Research Tokyo",
    organization_handle="ShandaAI",
    code_url="https://github.com/ShandaAI/PackForcing",
    votes=23,
)
SKILLS = paper(
    "2603.25158",
    title="Trace2Skill: Distill Trajectory-Local Lessons into Transferable Agent Skills",
    abstract="Lessons of single trajectories become skills that other agents can use.",
    authors=("Jingwei Ni", "Yihao Liu"),
    votes=18,
    comments=6,
)
DIFFUTRON = paper(
    "2603.20466",
    title="Diffutron: A Masked Diffusion Language Model for Turkish Language",
    abstract="A small masked diffusion model for Turkish.",
    authors=("Şuayp Talha Kocabay", "Talha Rüzgar Akkuş"),
    organization="Diffutron",
    organization_handle="diffutron",
    votes=2,
)
SPARSE = paper(
    "2603.23516",
    title="MSA: Memory Sparse Attention for Efficient End-to-End Memory Model Scaling to 100M Tokens",
    abstract="Sparse attention over a memory that scales to 100M tokens.",
    authors=("Yu Chen", "Runkai Chen", "Sheng Yi"),
    organization="EverMind-AI",
    organization_handle="EverMindAI",
    code_url="https://github.com/EverMind-AI/MSA",
    votes=9,
)
VOXTRAL = paper(
    "2603.25551",
    title="Voxtral TTS",
    abstract="A text-to-speech model.",
    authors=("Alexander H. Liu", "Alexis Tacnet", "Andy Ehrenberg"),
    organization="Mistral AI_",
    organization_handle="mistralai",
    votes=5,
)
SQL = paper(
    "2603.16448",
    title="TRUST-SQL: Tool-Integrated Multi-Turn Reinforcement Learning for Text-to-SQL over Unknown Schemas",
    abstract="Reinforcement learning over several turns finds out unknown schemas.",
    authors=("Ai Jian", "Xiaoyun Zhang"),
    organization="meituan",
    organization_handle="meituan",
    votes=36,
)
PRETRAINING = paper(
    "2506.08007",
    title="Reinforcement Pre-Training",
    abstract="Next-token prediction is treated as a reasoning task that is trained with reinforcement learning.",
    authors=("Qingxiu Dong", "Li Dong", "Yao Tang"),
    votes=97,
    comments=3,
)
ATTENTION = paper(
    "1706.03762",
    title="Attention Is All You Need",
    abstract="The Transformer is based solely on attention mechanisms, without recurrence.",
    authors=("Ashish Vaswani", "Noam Shazeer", "Niki Parmar"),
    published=date(2017, 6, 12),
    categories=("cs.CL", "cs.LG"),
)
STRINGS = paper(
    "hep-th/9711200",
    title="The Large N Limit of Superconformal Field Theories and Supergravity",
    abstract="Conformal field theories in various dimensions have a gravitational description.",
    authors=("Juan M. Maldacena",),
    published=date(1997, 11, 27),
    categories=("hep-th",),
)
QWEN = paper(
    "2412.15115",
    title="Qwen2.5 Technical Report",
    abstract="A family of large language models.",
    authors=("Qwen", "An Yang"),
    votes=225,
    batch=date(2024, 12, 20),
)  # known to the source alone

TODAY = batch(MONDAY, HYBRID, SHOTSTREAM, PACKFORCING, SKILLS, DIFFUTRON)
BATCHES = (
    TODAY,
    batch("2026-03-27", SPARSE, VOXTRAL),
    batch("2026-03-18", SQL),
    batch("2025-06-10", PRETRAINING),
)
OUTSIDE_BATCHES = (ATTENTION, STRINGS)
GAINS = {HYBRID.id: 24, SHOTSTREAM.id: 3, PACKFORCING.id: 2, SKILLS.id: 9}  # votes since yesterday


@dataclass(slots=True)
class FakeSource:
    """Knows some papers; fails when it is told to, or never answers. `asked` are the ids that it was asked for."""

    known: tuple[Paper, ...] = (QWEN,)
    failure: SourceError | None = None
    hangs: bool = False
    name: str = "Hugging Face"
    asked: list[str] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)

    async def batch(self, day: date) -> Batch:
        return Batch(day, ())

    async def papers(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        self.asked += ids
        await self._answer()
        return tuple(paper for paper in self.known if paper.id in ids)

    async def search(self, query: Query, limit: int) -> tuple[Paper, ...]:
        self.searched.append(query.text)
        await self._answer()
        words = comparable(query.wanted).split() if query.is_only_text else []
        if not words:
            return ()
        return tuple(paper for paper in self.known if all(word in comparable(paper.title) for word in words))[:limit]

    async def _answer(self) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.failure:
            raise self.failure


@asynccontextmanager
async def shelved(store: SqlStore, folder: Path, *sources: Source) -> AsyncIterator[Core]:
    """A core on these papers, as it is at NOON."""
    yesterday = [replace(one, votes=(one.votes or 0) - GAINS.get(one.id, 0)) for one in TODAY.papers]
    await store.save_batch(Batch(MONDAY, tuple(yesterday)), later(hours=-25))
    for stored in BATCHES:
        await store.save_batch(stored, later(hours=-1))
    await store.save_papers(OUTSIDE_BATCHES, NOON)
    async with indexed(store, folder) as index:
        yield Core(records(store), index, sources)


@asynccontextmanager
async def indexed(store: Store, folder: Path) -> AsyncIterator[TantivyIndex]:
    """An index of all that the store holds."""
    index = TantivyIndex(folder)
    indexer = Indexer(store, index)
    try:
        await indexer.open()
        await indexer.catch_up()
        yield index
    finally:
        await index.close()
