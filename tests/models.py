"""Tiny embedding models, as real ONNX files beside a real tokenizer.json: words of one group mean the same."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from bot.embedding import Embedding
from bot.search import TantivyIndex
from bot.search.meaning import Meaning
from bot.search.model import DIMENSION
from bot.store import SqlStore, records

REAL = Path(__file__).resolve().parents[2] / "shared" / "models" / "all-MiniLM-L6-v2"
needs_the_real_one = pytest.mark.skipif(not REAL.is_dir(), reason=f"needs {REAL.name} of ../shared/models")

MEANINGS = (
    "papers articles",
    "felines kittens cats",
    "slumber sleep rest",
    "vessels ships boats",
    "harbour port dock",
    "melodies songs tunes",
    "planets worlds moons",
    "physicians doctors surgeons",
    "gadgets widgets devices",
)
POISON = "poison"  # the graph fails where a text has it
NOTHING = "nothing"  # what it means is no number
_FRAME = ("[UNK]", "[CLS]", "[SEP]")  # of little weight


@dataclass(frozen=True, slots=True)
class Kind:
    """How a model is built."""

    dimension: int = DIMENSION
    is_pooled: bool = True  # else it gives a vector for each token
    has_types: bool = False  # it wants token_type_ids too
    seed: int = 7
    weight: float = 1.0  # of all its numbers


def tiny(
    folder: Path, kind: Kind | None = None, *, file: str = "model.onnx", meanings: Sequence[str] = MEANINGS
) -> Path:
    """Write a model into the folder, and return the folder."""
    words = [*_FRAME, *(word for group in meanings for word in group.split()), NOTHING]
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(graph(_table(meanings, kind or Kind()), kind or Kind()))
    vocabulary = {word: place for place, word in enumerate([*words, POISON])}  # the table has no row for the last
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    frame = [(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", frame)
    tokenizer.enable_padding(length=128)  # as the real one has it
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@asynccontextmanager
async def understanding(store: SqlStore, index: TantivyIndex, folder: Path) -> AsyncIterator[Meaning]:
    """The index finds all papers of the store by the model of the folder too."""
    meaning = Meaning(folder)
    try:
        embedding = Embedding(store, records(store).vectors, meaning)
        await embedding.load()
        await embedding.catch_up()
        index.understand(meaning)
        yield meaning
    finally:
        await meaning.close()


def _table(meanings: Sequence[str], kind: Kind) -> np.ndarray:
    """A row for each word."""
    chance = np.random.default_rng(kind.seed)
    rows = [chance.standard_normal(kind.dimension) / 100 for _ in _FRAME]
    for group in meanings:
        rows += [chance.standard_normal(kind.dimension)] * len(group.split())
    return np.array([*rows, np.full(kind.dimension, np.nan)], np.float32) * np.float32(kind.weight)


def graph(table: np.ndarray, kind: Kind) -> bytes:
    """The ONNX file of a model that looks words up in the table."""
    inputs = ["input_ids", "attention_mask", *(["token_type_ids"] if kind.has_types else [])]
    nodes = [_node("Gather", ["table", "input_ids"], "words")]
    last = "words"
    if kind.has_types:
        nodes += [_node("Gather", ["types", "token_type_ids"], "typed"), _node("Add", [last, "typed"], "sum")]
        last = "sum"
    if kind.is_pooled:
        nodes.append(_node("ReduceMean", [last], "pooled", axes=1, keepdims=0))
        last = "pooled"
    types = np.zeros((2, table.shape[1]), np.float32)
    tensors = [_tensor("table", table), *([_tensor("types", types)] if kind.has_types else [])]
    shape = ("batch", kind.dimension) if kind.is_pooled else ("batch", "length", kind.dimension)
    content = b"".join(
        [
            *(_field(1, node) for node in nodes),
            _field(2, b"tiny"),
            *(_field(5, tensor) for tensor in tensors),
            *(_field(11, _value(name, _INT64, ("batch", "length"))) for name in inputs),
            _field(12, _value(last, _FLOAT, shape)),
        ]
    )
    return _field(1, 8) + _field(7, content) + _field(8, _field(1, b"") + _field(2, 13))


# ONNX's messages, as onnx.proto numbers their fields.
_FLOAT, _INT64 = 1, 7
_INT, _INTS = 2, 7  # kinds of attributes


def _node(operator: str, inputs: Sequence[str], output: str, **attributes: int) -> bytes:
    kinds = {"axes": (8, _INTS), "keepdims": (3, _INT)}
    found = [
        _field(5, _field(1, name.encode()) + _field(kinds[name][0], value) + _field(20, kinds[name][1]))
        for name, value in attributes.items()
    ]
    names = [*(_field(1, name.encode()) for name in inputs), _field(2, output.encode())]
    return b"".join([*names, _field(4, operator.encode()), *found])


def _tensor(name: str, values: np.ndarray) -> bytes:
    shape = b"".join(_field(1, size) for size in values.shape)
    return shape + _field(2, _FLOAT) + _field(8, name.encode()) + _field(9, values.tobytes())


def _value(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    sizes = b"".join(
        _field(1, _field(1, size) if isinstance(size, int) else _field(2, size.encode())) for size in shape
    )
    return _field(1, name.encode()) + _field(2, _field(1, _field(1, kind) + _field(2, sizes)))


def _field(number: int, value: int | bytes) -> bytes:
    """A field of a protobuf message."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])
