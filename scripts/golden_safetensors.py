# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["safetensors==0.8.0"]
# ///
"""Writes test/golden/safetensors/: files as the Python package `safetensors` and Hugging Face's index writer make them.

    uv run scripts/golden_safetensors.py

or, with the package above in any Python 3.11, `python scripts/golden_safetensors.py`. The layout that
Tensorweld writes must equal these byte for byte. The data are zeros: only the layout is of interest.
"""

import ctypes
import json
from pathlib import Path

from safetensors import TensorSpec, serialize

FOLDER = Path(__file__).resolve().parent.parent / "test" / "golden" / "safetensors"

# Names that sort, escape or encode in a way of their own: U+FFFD comes before U+1F600 in Rust's order of
# code points, after it in JavaScript's order of UTF-16 units.
NAMES = ["b", "a.weight", "a", "", "__proto__", "constructor", 'q"\\/\n\x01\x7f', "é\u2028", "\ufffd", "\U0001f600"]
BITS = {
    "bool": 8, "int8": 8, "uint8": 8, "int16": 16, "uint16": 16, "int32": 32, "uint32": 32, "int64": 64,
    "uint64": 64, "float16": 16, "bfloat16": 16, "float32": 32, "float64": 64, "complex64": 64,
    "float8_e4m3fn": 8, "float8_e5m2": 8, "float8_e8m0fnu": 8, "float8_e4m3fnuz": 8, "float8_e5m2fnuz": 8,
}  # fmt: skip
# Small enough that the index lists many shards; known to the test.
MAX_SHARD_BYTES = 100
SHAPES = [[], [3], [2, 4], [0, 5], [1, 1, 1]]


def main() -> None:
    zeros = ctypes.create_string_buffer(64)
    tensors = {}
    for dtype, bits in BITS.items():
        for position, name in enumerate(NAMES):
            shape = SHAPES[position % len(SHAPES)]
            elements = 1
            for length in shape:
                elements *= length
            spec = TensorSpec(
                dtype=dtype, shape=shape, data_ptr=ctypes.addressof(zeros), data_len=elements * bits // 8
            )
            # Every dtype with a plain name, so that all are compared within one file.
            tensors[f"{name}:{dtype}" if position % 2 else f"{dtype}:{name}"] = spec
    FOLDER.mkdir(parents=True, exist_ok=True)
    written = bytes(serialize(tensors, metadata={"format": "pt"}))
    (FOLDER / "library.safetensors").write_bytes(written)
    (FOLDER / "empty.safetensors").write_bytes(bytes(serialize({}, metadata=None)))
    (FOLDER / "provenance.safetensors").write_bytes(with_provenance(tensors))
    (FOLDER / "library.index.json").write_text(index_text(written), encoding="utf-8")


def with_provenance(tensors: dict) -> bytes:
    """The same tensors with JSON among the metadata, as Tensorweld writes it beside the format."""
    provenance = json.dumps({"tool": "tensorweld", "inputs": [{"name": name} for name in NAMES]}, ensure_ascii=False)
    # The library writes the pairs in an order of its own each time; once in a while it is the sorted one.
    while True:
        written = bytes(serialize(tensors, metadata={"format": "pt", "tensorweld": provenance}))
        if written[8:].startswith(b'{"__metadata__":{"format":'):
            return written


def index_text(written: bytes) -> str:
    """The index of the same tensors as transformers writes it, in shards filled in the order of the file."""
    header = json.loads(written[8 : 8 + int.from_bytes(written[:8], "little")])
    header.pop("__metadata__")
    shards, filled = [[]], 0
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        if shards[-1] and filled + end - begin > MAX_SHARD_BYTES:
            shards.append([])
            filled = 0
        shards[-1].append(name)
        filled += end - begin
    files = [f"model-{i + 1:05d}-of-{len(shards):05d}.safetensors" for i in range(len(shards))]
    weight_map = {name: file for file, names in zip(files, shards) for name in names}
    index = {"metadata": {"total_size": total_size(header)}, "weight_map": weight_map}
    return json.dumps(index, indent=2, sort_keys=True) + "\n"


def total_size(header: dict) -> int:
    return sum(end - begin for begin, end in (entry["data_offsets"] for entry in header.values()))


main()
