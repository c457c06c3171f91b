"""The embedding model: which folders hold one, and what texts it can be given."""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ModelError
from bot.search.model import DIMENSION, Model, _graph
from bot.search.neighbours import packed
from bot.sources.hub import _flags, onnx_files
from tests.hostile import TEXTS
from tests.hub import ARM, AVX2, PORTABLE, VNNI
from tests.models import NOTHING, REAL, Kind, needs_the_real_one, tiny

LONGEST = 256  # tokens
KINDS = {
    "as of ../shared": Kind(),
    "as of the hub": Kind(is_pooled=False, has_types=True),
    "without pooling": Kind(is_pooled=False),
    "with token types": Kind(has_types=True),
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return Model(tiny(tmp_path_factory.mktemp("model")))


@pytest.fixture(scope="module")
def real() -> Model:
    return Model(REAL)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_what_means_the_same_is_near_whichever_way_the_model_was_exported(tmp_path: Path, kind: Kind) -> None:
    made = Model(tiny(tmp_path, kind))
    cats, kittens, ships = map(made.encode, ("cats sleep", "kittens, slumber!", "ships in a harbour"))
    assert cats.shape == (DIMENSION,)
    assert cats.dtype == np.float32
    assert np.linalg.norm(cats) == pytest.approx(1, abs=1e-5)
    assert cats @ kittens > 0.99
    assert cats @ ships < 0.3


def test_both_ways_of_pooling_give_the_same(tmp_path: Path) -> None:
    inside, outside = (tiny(tmp_path / str(is_pooled), Kind(is_pooled=is_pooled)) for is_pooled in (True, False))
    assert Model(inside).encode("cats in a harbour") == pytest.approx(
        Model(outside).encode("cats in a harbour"), abs=1e-5
    )


def halved(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def garbled(file: Path) -> None:
    file.write_bytes(b"\x00\xff no such file {" * 100)


def replaced_by_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def of_other_content(file: Path) -> None:
    file.write_text('{"version": "1.0", "model": {"type": "WordLevel", "vocab": {}, "unk_token": "x"}}')


def nested_too_deep(file: Path) -> None:
    file.write_bytes(b"[" * 100_000)


@pytest.mark.parametrize(
    "damage", [Path.unlink, halved, emptied, garbled, replaced_by_a_folder, of_other_content, nested_too_deep]
)
@pytest.mark.parametrize("file", ["model.onnx", "tokenizer.json"])
def test_a_folder_that_is_incomplete_or_damaged_is_one_sentence(
    tmp_path: Path, file: str, damage: Callable[[Path], object]
) -> None:
    damage(tiny(tmp_path) / file)
    with pytest.raises(ModelError) as error:
        Model(tmp_path)
    assert str(tmp_path) in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300 + len(str(tmp_path))


@pytest.mark.parametrize("kind", [Kind(dimension=8), Kind(dimension=8, is_pooled=False), Kind(dimension=768)])
def test_a_model_of_another_dimension_is_refused(tmp_path: Path, kind: Kind) -> None:
    with pytest.raises(ModelError, match="does not make vectors of 384 numbers"):
        Model(tiny(tmp_path, kind))


def test_a_model_that_makes_no_numbers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"vectors of 384 numbers|is no vector"):
        Model(tiny(tmp_path, Kind(weight=float("nan"))))


def test_a_folder_that_is_not_there_holds_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no ONNX file"):
        Model(tmp_path / "nowhere")
    with pytest.raises(ModelError, match="holds no ONNX file"):
        Model(Path("\udcff"))


def test_a_model_is_called_by_its_content(tmp_path: Path) -> None:
    """Another graph or another tokenizer makes other vectors; the same files elsewhere make the same ones."""
    same = tiny(tmp_path / "same"), tiny(tmp_path / "elsewhere")
    other = tiny(tmp_path / "graph", Kind(seed=8)), tiny(tmp_path / "tokens")
    tokens = json.loads((other[1] / "tokenizer.json").read_text())
    tokens["normalizer"]["lowercase"] = False
    (other[1] / "tokenizer.json").write_text(json.dumps(tokens))
    names = [Model(folder).name for folder in (*same, *other)]
    assert names[0] == names[1]
    assert len({*names}) == 3
    assert names[0].startswith("model-")


@pytest.mark.parametrize(
    ("files", "taken"),
    [
        (["model.onnx", "onnx/model_quint8_avx2.onnx"], None),
        (["onnx/model.onnx", "onnx/model_O1.onnx", "onnx/model_O3.onnx"], "onnx/model.onnx"),
        (["model.int8.onnx", "model.onnx"], "model.int8.onnx"),
        (["anything.onnx"], "anything.onnx"),
    ],
)
def test_of_several_files_a_small_one_is_taken(tmp_path: Path, files: list[str], taken: str | None) -> None:
    for file in files:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    assert _graph(tmp_path) == tmp_path / (taken or files[-1])


@pytest.mark.parametrize("machine", ["x86_64", "AMD64", "arm64", "aarch64"])
def test_of_a_whole_copy_of_the_hub_the_file_for_this_processor_is_taken(
    tmp_path: Path, machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    for file in (VNNI, AVX2, ARM, PORTABLE, "onnx/model_qint8_avx512.onnx", "onnx/model_O4.onnx"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    taken = str(_graph(tmp_path).relative_to(tmp_path))
    # A signed file is wrong on a processor without VNNI, an unsigned one is right on each of its kind.
    good = {*onnx_files(machine, ()), AVX2} if machine in ("x86_64", "AMD64") else {*onnx_files(machine, _flags())}
    assert taken in good


OF_ANY_KIND = {**{name: text for name, text in TEXTS.items() if name != "surrogate"}, "empty": "", "space": " \n\t"}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("text", OF_ANY_KIND.values(), ids=OF_ANY_KIND.keys())
def test_whatever_a_chat_or_a_title_holds_can_be_read(model: Model, text: str) -> None:
    assert np.linalg.norm(model.encode(text)) == pytest.approx(1, abs=1e-5)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_can_be_read(model: Model, text: str) -> None:
    assert np.isfinite(model.encode(text)).all()


@pytest.mark.filterwarnings("error")
def test_a_text_of_which_no_number_comes_out_is_an_error(model: Model) -> None:
    """It is none of the search's, which compares words alone then, and the paper is left out."""
    with pytest.raises((ModelError, ValueError)):
        packed(model.encode(NOTHING))


def test_of_a_long_text_only_the_beginning_counts(model: Model) -> None:
    words = " ".join(["cats"] * (LONGEST - 2))
    assert np.array_equal(model.encode(words), model.encode(words + " ships" * 10_000))
    assert not np.array_equal(model.encode(words), model.encode("ships " + words))


def test_several_threads_may_read_at_once(model: Model) -> None:
    texts = ["cats sleep", "ships in a harbour", "songs of planets", "doctors"] * 25
    alone = [model.encode(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(model.encode, texts))
    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))


@needs_the_real_one
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("text", OF_ANY_KIND.values(), ids=OF_ANY_KIND.keys())
def test_the_real_model_reads_whatever_it_is_given(real: Model, text: str) -> None:
    assert np.linalg.norm(real.encode(text)) == pytest.approx(1, abs=1e-4)


@needs_the_real_one
def test_the_real_model_knows_what_means_the_same(real: Model) -> None:
    cats, felines, ships = map(real.encode, ("Cats that sleep", "Slumbering felines", "Container ships in a harbour"))
    assert cats @ felines > cats @ ships + 0.3
    stored = np.frombuffer(packed(cats), np.int8).astype(np.float32)
    assert stored @ felines / 400 == pytest.approx(cats @ felines, abs=0.01)
    assert np.abs(stored).max() < 127  # nothing was cut off


@needs_the_real_one
def test_the_real_model_is_refused_with_half_of_its_files(tmp_path: Path) -> None:
    for file in REAL.glob("*.onnx"):
        shutil.copy(file, tmp_path)
    with pytest.raises(ModelError, match=r"holds no tokenizer\.json"):
        Model(tmp_path)


def test_the_runtime_keeps_no_device_id_and_so_reports_nothing_to_its_maker(tmp_path: Path) -> None:
    """It would on any machine where `CI` is not set, from its import on."""
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "XDG_CACHE_HOME")}
    script = "import time, bot.search.model; time.sleep(0.3)"
    command = [sys.executable, "-B", "-c", script]
    subprocess.run(command, env={**environment, "HOME": str(tmp_path)}, check=True, timeout=60)
    assert not [*tmp_path.rglob("*")]
