# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = [
#   "ml_dtypes==0.6.0", "numpy==2.4.6", "paddlepaddle==3.3.1", "safetensors==0.8.0", "torch==2.13.0",
# ]
# ///
"""Writes the golden cases of formats: checkpoints as NumPy, Paddle and PyTorch save them, and the tensors they hold.

    python3.11 -m venv ../venv-numpy1 && ../venv-numpy1/bin/pip install numpy==1.26.4
    uv run scripts/golden_formats.py ../venv-numpy1/bin/python

or, with the packages above (PyPI has them all; torch's CPU build is enough) in an environment of its own:

    python3.11 -m venv ../venv-golden
    ../venv-golden/bin/pip install ml_dtypes==0.6.0 numpy==2.4.6 paddlepaddle==3.3.1 safetensors==0.8.0 torch==2.13.0
    ../venv-golden/bin/python scripts/golden_formats.py ../venv-numpy1/bin/python

It replaces test/golden/formats/ whole; one machine gives the same bytes again. Each case has a folder `model` as a
user would have it, and expected.safetensors with the same names, types, shapes and bits, written by the Python package
`safetensors`. Cases below refused/ have an expected.json instead: what it is that the file holds and no range of its
bytes could give. Nothing here comes from Tensorweld.

The values are meant to be mistaken: random bits, which no text encoding leaves alone, every byte from 0 to 255, and
numbers that do not survive a conversion.
"""

import io
import json
import pickle
import pickletools
import shutil
import subprocess
import sys
import warnings
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import ml_dtypes
import numpy as np
import paddle
import torch
from golden_linear import BF16, F16, F32, F64, FLOATS, Array, Tensors, check_sizes, from_bits, safetensors_bytes
from torch import nn

FOLDER = Path(__file__).resolve().parent.parent / "test" / "golden" / "formats"
LIMIT_BYTES = 1_500_000

# --- The tensors -------------------------------------------------------------------------------

DTYPES = {"float32": F32, "float16": F16, "float64": F64, "bfloat16": BF16}
DTYPES |= {kind: np.dtype(kind) for kind in ("int64", "int32", "int16", "int8", "uint8", "bool")}
SHAPES = {"scalar": (), "empty": (0, 3), "rows": (4, 7), "cube": (2, 3, 4)}
# Escapes, an end of line, and characters of one, two, three and four bytes.
ODD_NAME = 'a "b"\\\n\r\x1a é 层 \U0001f600'


def random_tensor(rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype) -> Array:
    data = rng.integers(0, 2 if dtype == np.bool_ else 256, (*shape, dtype.itemsize), np.uint8)
    return data.view(dtype).reshape(shape)


def special_tensor(dtype: np.dtype) -> Array:
    """Five values: for floats -0, an infinity, a NaN with a payload, the least number above 0 and a negative one."""
    if dtype in FLOATS:
        exponent_bits, fraction_bits, nan = FLOATS[dtype]
        sign = 1 << (exponent_bits + fraction_bits)
        infinity = ((1 << exponent_bits) - 1) << fraction_bits
        return from_bits([sign, infinity, nan + 5, 1, sign | infinity >> 1], dtype)
    if dtype == np.bool_:
        return np.array([True, False, False, True, True])
    limits = np.iinfo(dtype)
    return np.array([limits.min, limits.max, 0, 1, limits.max - 1], dtype)


def every_byte(dtype: np.dtype) -> Array:
    data = np.arange(256, dtype=np.uint8)
    return (data % 2 if dtype == np.bool_ else data).view(dtype)


def tensors_of(case: str, dtypes: dict[str, np.dtype] = DTYPES) -> Tensors:
    rng, tensors = np.random.default_rng(zlib.crc32(case.encode())), {}
    for kind, dtype in dtypes.items():
        tensors |= {f"{kind}.{name}": random_tensor(rng, shape, dtype) for name, shape in SHAPES.items()}
        tensors |= {f"{kind}.five": special_tensor(dtype), f"{kind}.bytes": every_byte(dtype)}
    return tensors


def few_tensors(case: str, *kinds: str) -> Tensors:
    return tensors_of(case, {kind: DTYPES[kind] for kind in kinds or ("float32", "bfloat16")})


# --- The folders -------------------------------------------------------------------------------


def folder_of(case: str) -> Path:
    folder = FOLDER / case / "model"
    folder.mkdir(parents=True)
    return folder


def write_expected(case: str, tensors: Tensors, file: str = "expected.safetensors") -> None:
    (FOLDER / case / file).write_bytes(safetensors_bytes(tensors))


def refused(case: str, why: str) -> Path:
    """The folder of a model to refuse."""
    folder = folder_of(f"refused/{case}")
    (folder.parent / "expected.json").write_text(json.dumps({"why": why}) + "\n")
    return folder


def write_index(file: Path, shards: dict[str, Tensors]) -> None:
    total = sum(x.nbytes for tensors in shards.values() for x in tensors.values())
    weight_map = {name: shard for shard, tensors in shards.items() for name in tensors}
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    file.write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")


def in_two(tensors: Tensors) -> list[Tensors]:
    names = list(tensors)
    return [{name: tensors[name] for name in part} for part in (names[::2], names[1::2])]


# --- Pickles of NumPy arrays -------------------------------------------------------------------


def as_paddle_has_it(x: Array) -> Array:
    """NumPy has no bfloat16 of its own; Paddle keeps its bits as uint16."""
    return x.view(np.uint16) if x.dtype == BF16 else x


def state_of(tensors: Tensors) -> dict:
    """A state dict as Paddle saves it: arrays, and the names that their parameters had in the program."""
    arrays = {name: as_paddle_has_it(x) for name, x in tensors.items()}
    return arrays | {"StructuredToParameterName@@": {name: f"tensor_{i}.w_0" for i, name in enumerate(tensors)}}


def numpy_case(case: str, tensors: Tensors, dump: Callable[[dict], bytes] | None = None) -> None:
    data = (dump or pickle.dumps)(state_of(tensors))
    (folder_of(case) / "model_state.pdparams").write_bytes(data)
    write_expected(case, tensors)


# Runs in NumPy 1, whose arrays pickle under other names of modules.
IN_NUMPY_1 = """
import pickle, sys
import numpy
assert numpy.__version__ == "1.26.4"
arrays = pickle.loads(sys.stdin.buffer.read())
state = {name: numpy.frombuffer(data, dtype).reshape(shape) for name, (data, dtype, shape) in arrays["tensors"].items()}
sys.stdout.buffer.write(pickle.dumps(state | arrays["others"], arrays["protocol"]))
"""


def dumped_by_numpy_1(python: str, protocol: int) -> Callable[[dict], bytes]:
    def dump(state: dict) -> bytes:
        arrays = {name: x for name, x in state.items() if isinstance(x, np.ndarray)}
        plain = {name: (x.tobytes(), x.dtype.str, x.shape) for name, x in arrays.items()}
        others = {name: x for name, x in state.items() if name not in arrays}
        request = pickle.dumps({"tensors": plain, "others": others, "protocol": protocol})
        return subprocess.run([python, "-c", IN_NUMPY_1], input=request, stdout=subprocess.PIPE, check=True).stdout

    return dump


def cases_of_numpy(numpy_1: str) -> None:
    for protocol in range(6):
        case = f"numpy-protocol-{protocol}"
        tensors = tensors_of(case) | {ODD_NAME: np.float32([1, 2, 3])}
        numpy_case(case, tensors, lambda state: pickle.dumps(state, protocol))
    for protocol in (2, 4):
        case = f"numpy-1-protocol-{protocol}"
        numpy_case(case, tensors_of(case), dumped_by_numpy_1(numpy_1, protocol))

    case = "numpy-ordered-dict"
    numpy_case(case, few_tensors(case), lambda state: pickle.dumps(OrderedDict(state), 2))
    case = "numpy-optimised"
    numpy_case(case, few_tensors(case), lambda state: pickletools.optimize(pickle.dumps(state, 4)))
    # Python's own pickler writes other memos than the one in C: 0 for the first.
    case = "numpy-python-pickler"
    numpy_case(case, few_tensors(case), lambda state: pickle._dumps(state, 2))
    # What is longer than 64 KiB stands outside of the frames of protocol 4.
    for protocol in (2, 4):
        case = f"numpy-large-protocol-{protocol}"
        tensors = few_tensors(case) | {"large": np.arange(20_000, dtype=F32), "last": np.arange(5)}
        numpy_case(case, tensors, lambda state: pickle.dumps(state, protocol))
    # The same array under two names is one object of the pickle.
    case = "numpy-tied"
    tensors = few_tensors(case)
    numpy_case(case, tensors | {"again": tensors["float32.rows"], "bfloat16.again": tensors["bfloat16.cube"]})

    case = "numpy-read-only"
    tensors = few_tensors(case)
    for x in tensors.values():
        x.flags.writeable = False
    numpy_case(case, tensors, lambda state: pickle.dumps(state, 5))

    for protocol in (2, 5):
        case = f"numpy-scalars-protocol-{protocol}"
        scalars = {name: x[()] for name, x in tensors_of(case).items() if name.endswith("scalar")}
        scalars["bfloat16.scalar"] = scalars["bfloat16.scalar"].view(np.uint16)
        zeros = {f"{name}.array": np.array(x) for name, x in scalars.items()}
        (folder_of(case) / "model_state.pdparams").write_bytes(pickle.dumps(scalars | zeros, protocol))
        expected = {name: np.array(x) for name, x in (scalars | zeros).items()}
        write_expected(case, {name: x.view(BF16) if "bfloat16" in name else x for name, x in expected.items()})

    case_of_strides()
    cases_of_folders()


def case_of_strides() -> None:
    """Views that NumPy writes in C's order after all: steps, and axes of which at most one is longer than 1."""
    rng = np.random.default_rng(1)
    for protocol in (2, 5):
        case = f"numpy-views-protocol-{protocol}"
        whole = random_tensor(rng, (6, 8), F32)
        views = {
            "steps": whole[::2, 1::3],
            "reversed": whole[0][::-1],
            "fortran.vector": np.asfortranarray(whole[0]),
            "fortran.row": np.asfortranarray(whole[:1]),
            "fortran.column": np.asfortranarray(whole[:, :1]),
            "fortran.empty": np.asfortranarray(np.zeros((0, 3), F32)),
            "middle": whole[2:4],
        }
        # Protocol 5 writes axes in another order as they lie, and says so; the others write them in C's order.
        if protocol < 5:
            views["axes"] = permuted_axes(whole)
        numpy_case(case, views, lambda state: pickle.dumps(state, protocol))


def permuted_axes(whole: np.ndarray) -> np.ndarray:
    return whole.reshape(2, 3, -1).transpose(1, 0, 2)


def cases_of_folders() -> None:
    case = "pdparams-shards"
    folder, parts = folder_of(case), in_two(few_tensors(case, "bfloat16", "float32", "int64"))
    shards = {f"model_state-{i:05d}-of-00002.pdparams": tensors for i, tensors in enumerate(parts, 1)}
    for file, tensors in shards.items():
        (folder / file).write_bytes(pickle.dumps(state_of(tensors), 4))
    write_index(folder / "model_state.pdparams.index.json", shards)
    write_expected(case, parts[0] | parts[1])

    case = "pdparams-master-weights"
    folder, model, master = folder_of(case), few_tensors(case, "bfloat16"), few_tensors(case, "float32")
    model = {name.removeprefix("bfloat16."): x for name, x in model.items()}
    master = {name.removeprefix("float32."): x for name, x in master.items()}
    (folder / "model_state.pdparams").write_bytes(pickle.dumps(state_of(model), 4))
    (folder / "master_weights.pdparams").write_bytes(pickle.dumps(state_of(master), 4))
    write_expected(case, master)
    write_expected(case, model, "expected-model.safetensors")


def refused_of_numpy() -> None:
    rows = np.arange(28, dtype=F32).reshape(4, 7)
    records = np.array([(1, 2.5)], [("step", "<i4"), ("loss", "<f4")])
    arrays = {
        "fortran": (np.asfortranarray(rows), "Fortran order"),
        "big-endian": (rows.astype(">f4"), "big-endian"),
        "objects": (np.array([1, "two", None], object), "object array"),
        "records": (records, "structured dtype"),
        "strings": (np.array(["one", "two"]), "array of strings"),
        "dates": (np.array(["2024-01-01"], "datetime64[D]"), "array of dates"),
    }
    for name, (array, why) in arrays.items():
        for protocol in (2, 5):
            folder = refused(f"numpy-{name}-protocol-{protocol}", why)
            (folder / "model_state.pdparams").write_bytes(pickle.dumps({"good": rows, "bad": array}, protocol))

    folder = refused("numpy-permuted-protocol-5", "axes in another order")
    state = {"good": rows, "bad": permuted_axes(np.zeros((6, 8), F32))}
    (folder / "model_state.pdparams").write_bytes(pickle.dumps(state, 5))

    folder, kept_elsewhere = refused("numpy-out-of-band", "out-of-band buffers"), []
    data = pickle.dumps({"weight": rows}, 5, buffer_callback=kept_elsewhere.append)
    assert kept_elsewhere
    (folder / "model_state.pdparams").write_bytes(data)

    folder = refused("numpy-list", "not a dict of names")
    (folder / "model_state.pdparams").write_bytes(pickle.dumps([rows, rows], 4))

    # Paddle cuts arrays of more than 1 GiB for protocols 2 and 3, and notes the parts under this name.
    parts = {"slices": ["weight@@.0", "weight@@.1"], "OriginShape": (4, 7)}
    state = {"weight@@.0": rows.ravel()[:16], "weight@@.1": rows.ravel()[16:]}
    state |= {"UnpackBigParamInfor@@": {"weight": parts}}
    folder = refused("paddle-parts", "UnpackBigParamInfor@@")
    (folder / "model_state.pdparams").write_bytes(pickle.dumps(state, 2))


# --- Paddle's files ----------------------------------------------------------------------------


def paddle_layer(dtype: str) -> paddle.nn.Layer:
    paddle.seed(7)
    layers = [paddle.nn.Linear(4, 7), paddle.nn.LayerNorm(7), paddle.nn.Embedding(5, 3), paddle.nn.BatchNorm1D(3)]
    layer = paddle.nn.Sequential(*layers)
    # The layers' own starting values hardly depend on the seed: many are zeros and ones.
    rng = np.random.default_rng(2)
    for x in layer.state_dict().values():
        x.set_value(paddle.to_tensor(rng.integers(-999, 999, x.shape).astype(F32) / 7))
    return layer.to(dtype=dtype)


def array_of_paddle(x: paddle.Tensor) -> Array:
    return x.numpy().view(BF16) if x.dtype == paddle.bfloat16 else x.numpy()


def paddle_tensor(x: Array) -> paddle.Tensor:
    """The bits of a tensor in Paddle, which takes uint16 for those of bfloat16."""
    return paddle.to_tensor(as_paddle_has_it(x))


def cases_of_paddle() -> None:
    for kind in ("float32", "bfloat16"):
        for protocol in (2, 4):
            case, state = f"paddle-{kind}-protocol-{protocol}", paddle_layer(kind).state_dict()
            paddle.save(state, str(folder_of(case) / "model_state.pdparams"), protocol=protocol)
            write_expected(case, {name: array_of_paddle(x) for name, x in state.items()})

    case = "paddle-dtypes"
    tensors = tensors_of(case)
    state = {name: paddle_tensor(x) for name, x in tensors.items()}
    paddle.save(state, str(folder_of(case) / "model_state.pdparams"))
    write_expected(case, tensors)

    # Beside anything but tensors, each tensor is a tuple of its name and its array.
    for protocol in (2, 4):
        case = f"paddle-tuples-protocol-{protocol}"
        tensors = few_tensors(case)
        state = {name: paddle_tensor(x) for name, x in tensors.items()} | {"epoch": 3}
        paddle.save(state, str(folder_of(case) / "model_state.pdparams"), protocol=protocol)
        write_expected(case, tensors)

    case = "paddle-arrays"
    tensors = few_tensors(case)
    state = {name: as_paddle_has_it(x) for name, x in tensors.items()}
    paddle.save(state, str(folder_of(case) / "model_state.pdparams"))
    write_expected(case, tensors)


def refused_of_paddle() -> None:
    tensor = paddle.to_tensor(np.arange(28, dtype=F32).reshape(4, 7))
    for protocol in (2, 4):
        dense = paddle.base.core.DenseTensor()
        dense.set(tensor.numpy(), paddle.CPUPlace())
        folder = refused(f"paddle-dense-tensor-protocol-{protocol}", "eval")
        paddle.save({"weight": dense, "epoch": 3}, str(folder / "model_state.pdparams"), protocol=protocol)
    folder = refused("paddle-binary", "not a pickle")
    paddle.save(tensor, str(folder / "model_state.pdparams"), use_binary_format=True)
    folder = refused("paddle-one-tensor", "not a dict of names")
    paddle.save(tensor, str(folder / "model_state.pdparams"))


# --- PyTorch's files ---------------------------------------------------------------------------

# Types that PyTorch got after it had stopped to give each a class of storage.
LATER_DTYPES = {
    "float8_e4m3fn": np.dtype(ml_dtypes.float8_e4m3fn),
    "float8_e5m2": np.dtype(ml_dtypes.float8_e5m2),
    "uint16": np.dtype(np.uint16),
    "uint32": np.dtype(np.uint32),
    "uint64": np.dtype(np.uint64),
}


def torch_tensor(x: Array) -> torch.Tensor:
    """The bits of a tensor in PyTorch, in a storage of its own."""
    kind = x.dtype.name
    if hasattr(np, kind):
        return torch.from_numpy(x.copy())
    bits = torch.from_numpy(x.view(f"i{x.dtype.itemsize}").copy())
    return bits.view(getattr(torch, kind))


def special_of_later(dtype: np.dtype) -> Array:
    return every_byte(dtype)[:5]


class Holder(nn.Module):
    """A model with the given tensors: `state_dict()` of it is PyTorch's own, with the versions of its modules."""

    def __init__(self, tensors: Tensors) -> None:
        super().__init__()
        for name, x in tensors.items():
            owner, buffer = name.split(".")
            # Not by `add_module`: a method of modules is called `bfloat16` too.
            self._modules.setdefault(owner, nn.Module()).register_buffer(buffer, torch_tensor(x))


def torch_case(case: str, tensors: Tensors, content, file: str = "pytorch_model.bin", **options) -> None:
    path = folder_of(case) / file
    torch.save(content, path, **options)
    write_expected(case, tensors)


def cases_of_torch() -> None:
    case = "torch-state-dict"
    tensors = tensors_of(case)
    torch_case(case, tensors, Holder(tensors).state_dict())
    for protocol in (3, 4, 5):
        case = f"torch-protocol-{protocol}"
        tensors = few_tensors(case) | {ODD_NAME: np.float32([1, 2, 3])}
        content = {name: torch_tensor(x) for name, x in tensors.items()}
        torch_case(case, tensors, content, pickle_protocol=protocol)

    case = "torch-parameters"
    tensors = few_tensors(case, "float32", "bfloat16", "float16", "float64")
    torch_case(case, tensors, {name: nn.Parameter(torch_tensor(x)) for name, x in tensors.items()})

    case = "torch-tied"
    tensors = few_tensors(case)
    content = {name: torch_tensor(x) for name, x in tensors.items()}
    # The same object, and another object over the same storage.
    content |= {"object": content["float32.rows"], "storage": content["float32.cube"].view(24).view(6, 4)}
    expected = {"object": tensors["float32.rows"], "storage": tensors["float32.cube"].reshape(6, 4)}
    torch_case(case, tensors | expected, content)

    case_of_views()

    case = "torch-later-dtypes"
    tensors = {}
    rng = np.random.default_rng(3)
    for kind, dtype in LATER_DTYPES.items():
        tensors |= {f"{kind}.{name}": random_tensor(rng, shape, dtype) for name, shape in SHAPES.items()}
        tensors |= {f"{kind}.five": special_of_later(dtype), f"{kind}.bytes": every_byte(dtype)}
    torch_case(case, tensors, {name: torch_tensor(x) for name, x in tensors.items()})

    cases_of_torch_files()


def case_of_views() -> None:
    """Contiguous parts of one storage, some of them over one another, most of it in none."""
    case = "torch-views"
    storage = random_tensor(np.random.default_rng(4), (600,), F32)
    whole = torch_tensor(storage)
    views = {
        "start": (whole[:12].view(3, 4), storage[:12].reshape(3, 4)),
        "middle": (whole[100:128].view(4, 7), storage[100:128].reshape(4, 7)),
        "over": (whole[110:134].view(2, 3, 4), storage[110:134].reshape(2, 3, 4)),
        "end": (whole[595:], storage[595:]),
        "element": (whole[77], storage[77].reshape(())),
        "nothing": (whole[600:].view(0, 3), storage[600:].reshape(0, 3)),
        # Strides along axes of length 1 and in a tensor of no elements say nothing.
        "row": (whole.view(60, 10)[7:8, :], storage.reshape(60, 10)[7:8, :]),
        "one": (whole.view(60, 10).T[3:4, 5:6], storage.reshape(60, 10).T[3:4, 5:6]),
        "none": (whole.view(60, 10).T[:, 5:5], storage.reshape(60, 10).T[:, 5:5]),
    }
    expected = {name: array for name, (_, array) in views.items()}
    torch_case(case, expected, {name: view for name, (view, _) in views.items()})


def cases_of_torch_files() -> None:
    case = "torch-shards"
    folder, parts = folder_of(case), in_two(few_tensors(case, "bfloat16", "float32", "int64"))
    shards = {f"pytorch_model-{i:05d}-of-00002.bin": tensors for i, tensors in enumerate(parts, 1)}
    for file, tensors in shards.items():
        torch.save({name: torch_tensor(x) for name, x in tensors.items()}, folder / file)
    write_index(folder / "pytorch_model.bin.index.json", shards)
    write_expected(case, parts[0] | parts[1])

    case = "torch-consolidated"
    tensors = few_tensors(case, "bfloat16")
    torch_case(case, tensors, {name: torch_tensor(x) for name, x in tensors.items()}, "consolidated.00.pth")

    case = "torch-checkpoint"
    tensors = few_tensors(case)
    torch_case(case, tensors, {"state_dict": Holder(tensors).state_dict(), "epoch": 3}, "checkpoint.pt")

    # Written to a stream the folder inside is `archive`; until 2.1 there was no entry for the order of bytes, and
    # until 2.6 storages began anywhere.
    case = "torch-old-archive"
    tensors = few_tensors(case)
    torch_case(case, tensors, {name: torch_tensor(x) for name, x in tensors.items()})
    entries = entries_of(FOLDER / case / "model" / "pytorch_model.bin", "archive")
    kept = {name: data for name, data in entries.items() if name.split("/")[1] in ("data.pkl", "data", "version")}
    write_zip(FOLDER / case / "model" / "pytorch_model.bin", kept)


def entries_of(file: Path | io.BytesIO, folder: str) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {f"{folder}/{name.split('/', 1)[1]}": archive.read(name) for name in archive.namelist()}


def write_zip(file: Path, entries: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in entries.items():
            # Without a date the archive differs from second to second.
            archive.writestr(zipfile.ZipInfo(name), data, compression)


class Scale(nn.Module):
    """The least that TorchScript compiles; torch's own layers come out in another order in every run."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.arange(7.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.weight


def refused_of_torch() -> None:
    rows = torch.arange(28, dtype=torch.float32).view(4, 7)
    tensors = {
        "transposed": (rows.T, "not contiguous"),
        "expanded": (rows[0].expand(4, 7), "not contiguous"),
        "channels-last": (
            torch.arange(120.0).view(2, 3, 4, 5).to(memory_format=torch.channels_last),
            "not contiguous",
        ),
        "quantised": (torch.quantize_per_tensor(rows, 0.25, 3, torch.qint8), "quantised"),
        "sparse": (rows.to_sparse(), "sparse"),
        "meta": (rows.to("meta"), "no data"),
    }
    for name, (tensor, why) in tensors.items():
        torch.save({"good": rows, "bad": tensor}, refused(f"torch-{name}", why) / "pytorch_model.bin")

    state = {"weight": rows}
    refuse_legacy(state)
    torch.manual_seed(5)
    torch.save(nn.Linear(4, 7), refused("torch-module", "a whole module") / "pytorch_model.bin")
    folder = refused("torch-one-tensor", "not a dict of names")
    torch.save(rows, folder / "pytorch_model.bin")
    folder = refused("torch-script", "TorchScript")
    torch.jit.save(torch.jit.script(Scale()), str(folder / "model.pt"))
    # The notes for a debugger name the folder that torch is installed in, and the id is a hash of them too.
    entries = entries_of(folder / "model.pt", "model")
    kept = {name: data for name, data in entries.items() if not name.endswith(("debug_pkl", "serialization_id"))}
    write_zip(folder / "model.pt", kept)

    saved = io.BytesIO()
    torch.save(state, saved)
    entries = entries_of(saved, "archive")
    folder = refused("torch-deflated", "compressed")
    write_zip(folder / "pytorch_model.bin", entries, zipfile.ZIP_DEFLATED)
    folder = refused("torch-big-endian", "big-endian")
    write_zip(folder / "pytorch_model.bin", entries | {"archive/byteorder": b"big"})


def refuse_legacy(state: dict[str, torch.Tensor]) -> None:
    """Several pickles in a row, then the storages."""
    file = refused("torch-legacy", "older format without a zip") / "pytorch_model.bin"
    torch.save(state, file, _use_new_zipfile_serialization=False)
    # Storages are called by their addresses, which differ from run to run.
    data = file.read_bytes()
    for i, tensor in enumerate(state.values()):
        address = str(tensor.untyped_storage()._cdata).encode()
        assert data.count(address) == 2
        data = data.replace(address, str(i).rjust(len(address), "1").encode())
    file.write_bytes(data)


def main() -> None:
    warnings.simplefilter("ignore")
    shutil.rmtree(FOLDER, ignore_errors=True)
    cases_of_torch()
    refused_of_torch()
    cases_of_numpy(sys.argv[1])
    refused_of_numpy()
    cases_of_paddle()
    refused_of_paddle()
    check_sizes(FOLDER, LIMIT_BYTES)


if __name__ == "__main__":
    main()
