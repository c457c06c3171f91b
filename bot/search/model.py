"""The embedding model: what a text means, as a vector."""

import hashlib
import os
import platform
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read while onnxruntime is imported, which else reports to its maker
import onnxruntime
from tokenizers import Tokenizer

from bot.errors import ModelError

Vector: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]

DIMENSION = 384
_LONGEST = 256  # tokens; the rest of an abstract adds little (SEARCH 3d)
_TOKENIZER = "tokenizer.json"
_SAID = 200  # characters of what a library says


class Model:
    """A loaded model. Safe to use from several threads; each text takes one of them."""

    def __init__(self, folder: Path) -> None:
        """Load it from a folder with `tokenizer.json` and an ONNX file. Raises ModelError, with a sentence."""
        try:
            self.name, self._session, self._tokenizer = _load(folder)
            self._inputs = [one.name for one in self._session.get_inputs()]
            found = self.encode("papers")
        except ModelError:
            raise
        except Exception as error:  # the libraries raise plain ones for whatever they cannot read
            raise ModelError(f"{folder} holds no model that can be read ({str(error)[:_SAID]})") from error
        if found.shape != (DIMENSION,) or not np.isfinite(found).all():
            raise ModelError(f"the model in {folder} does not make vectors of {DIMENSION} numbers")

    def encode(self, text: str) -> Vector:
        """DIMENSION numbers, as a vector of length 1.

        One text at a time: several at once are slower (SEARCH, trap 16), and a quantised model would let them
        depend on each other.
        """
        ids = np.array([self._tokenizer.encode(text).ids], np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        output = self._session.run(None, {name: given[name] for name in self._inputs})[0][0]
        pooled = output if output.ndim == 1 else output.mean(axis=0)  # or for each token (SEARCH, trap 17)
        length = float(np.linalg.norm(pooled))
        if not 0 < length < np.inf:
            raise ModelError("what the model makes of a text is no vector")
        return np.asarray(pooled / length, np.float32)

    def knows(self, word: str) -> bool:
        """Whether it has the word as a whole, which says that many people write it so."""
        return self._tokenizer.token_to_id(word) is not None


def _load(folder: Path) -> tuple[str, Any, Any]:
    """The name of the model, which no other one has, and what computes."""
    graph, tokens = _graph(folder), folder / _TOKENIZER
    if not tokens.is_file():
        raise ModelError(f"{folder} holds no {_TOKENIZER}")
    tokenizer = Tokenizer.from_file(str(tokens))
    tokenizer.no_padding()  # the file says to fill up to 128 tokens (SEARCH, trap 16)
    tokenizer.enable_truncation(_LONGEST)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # so that answers find a free core
    options.log_severity_level = 4
    content = graph.read_bytes()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    digest = hashlib.blake2b(content, digest_size=8)
    digest.update(tokens.read_bytes())
    return f"{graph.stem}-{digest.hexdigest()}", session, tokenizer


def _graph(folder: Path) -> Path:
    """The ONNX file; of several a quantised one, made for this processor.

    On x86 the unsigned one is right everywhere; products of signed ones overflow where VNNI is missing.
    """
    found = [path for path in (*folder.glob("*.onnx"), *folder.glob("onnx/*.onnx")) if path.is_file()]
    if not found:
        raise ModelError(f"{folder} holds no ONNX file")
    is_arm = platform.machine().lower() in ("arm64", "aarch64")

    def misfit(path: Path) -> tuple[bool, bool, bool, str]:
        is_signed = "qint8" in path.stem
        return "int8" not in path.stem, ("arm64" in path.stem) != is_arm, is_signed and not is_arm, path.name

    return min(found, key=misfit)
