# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["numpy==2.4.6", "ml_dtypes==0.6.0", "safetensors==0.8.0"]
# ///
"""Writes the golden cases of `linear`: inputs, and the very bytes that a merge of them must give.

    uv run scripts/golden_linear.py

or, with the packages above in any Python 3.11, `python scripts/golden_linear.py`. It replaces
test/golden/linear/ whole and gives the same bytes on every machine. Nothing here comes from
Tensorweld: the arithmetic is NumPy's, the rounding to 16 bits is exact arithmetic on fractions,
and the files are written by the Python package `safetensors`.
"""

import hashlib
import json
import math
import shutil
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import ml_dtypes
import numpy as np
from safetensors import TensorSpec, deserialize, serialize

FOLDER = Path(__file__).resolve().parent.parent / "test" / "golden" / "linear"
LIMIT_BYTES = 600_000

F64, F32, F16 = np.dtype(np.float64), np.dtype(np.float32), np.dtype(np.float16)
BF16 = np.dtype(ml_dtypes.bfloat16)
# Bits of the exponent and of the fraction, and the only NaN that is ever written.
FLOATS = {
    F64: (11, 52, 0x7FF8_0000_0000_0000),
    F32: (8, 23, 0x7FC0_0000),
    F16: (5, 10, 0x7E00),
    BF16: (8, 7, 0x7FC0),
}
# In the names of cases; the flag `dtype` takes them in capitals.
NAMES = {F64: "f64", F32: "f32", F16: "f16", BF16: "bf16"}

Array = np.ndarray
Tensors = dict[str, Array]

# --- The arithmetic ----------------------------------------------------------------------------


def bits_of(array: Array) -> Array:
    return np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}").reshape(array.shape)


def from_bits(bits, dtype: np.dtype) -> Array:
    return np.array(bits, dtype=f"u{dtype.itemsize}").view(dtype)


def nearest_bits(value: float, dtype: np.dtype) -> int:
    """Bits of `value` rounded once, halves to even: fractions round that way, and exactly."""
    exponent_bits, fraction_bits, nan = FLOATS[dtype]
    if math.isnan(value):
        return nan
    sign = (math.copysign(1, value) < 0) << (exponent_bits + fraction_bits)
    infinity = ((1 << exponent_bits) - 1) << fraction_bits
    if math.isinf(value):
        return sign | infinity
    smallest = 2 - (1 << (exponent_bits - 1))  # exponent of the smallest normal number
    exponent = max(smallest, math.frexp(value)[1] - 1) if value else smallest
    steps = round(Fraction(abs(value)) / Fraction(2) ** (exponent - fraction_bits))
    # A carry out of the fraction runs into the exponent, and out of that into infinity.
    return sign | min(infinity, ((exponent - smallest) << fraction_bits) + steps)


def rounded(array: Array, dtype: np.dtype) -> Array:
    """Each float64 or float32 element rounded once to `dtype`."""
    if dtype.itemsize == 2:
        bits = [nearest_bits(float(value), dtype) for value in array.ravel()]
        return from_bits(bits, dtype).reshape(array.shape)
    result = bits_of(array.astype(dtype)).copy()
    result[np.isnan(array)] = FLOATS[dtype][2]
    return result.view(dtype).reshape(array.shape)


def check_rounding() -> None:
    """Every number of 16 bits, and every midpoint of two with its neighbours in float64."""
    for dtype in (F16, BF16):
        exponent_bits, fraction_bits, _ = FLOATS[dtype]
        infinity = ((1 << exponent_bits) - 1) << fraction_bits
        numbers = from_bits(range(infinity), dtype).astype(np.float64).tolist()
        beyond = 2.0 ** (1 << (exponent_bits - 1))  # stands for infinity in the last midpoint
        for low, (value, following) in enumerate(zip(numbers, [*numbers[1:], beyond], strict=True)):
            middle = (value + following) / 2
            even = low + (low & 1)
            assert nearest_bits(value, dtype) == low
            assert nearest_bits(-value, dtype) == low | 0x8000
            assert nearest_bits(middle, dtype) == even
            assert nearest_bits(math.nextafter(middle, 0), dtype) == low
            assert nearest_bits(math.nextafter(middle, math.inf), dtype) == low + 1
        # Other people's conversions from float32 agree.
        bits = np.random.default_rng(1).integers(0, 2**32, 20_000, dtype=np.uint32)
        sample = bits.view(np.float32)
        sample = sample[~np.isnan(sample)]
        with np.errstate(over="ignore"):
            assert (bits_of(sample.astype(dtype)) == bits_of(rounded(sample, dtype))).all()


def normalised(weights: list[float]) -> list[float]:
    # Not `sum`: from Python 3.12 on it compensates, and its last bit differs from plain addition.
    total = 0.0
    for weight in weights:
        total += weight
    return [weight / total for weight in weights]


def linear(tensors: list[Array], base: Array | None, weights: list[float], out: np.dtype) -> Array:
    """The weighted sum of tensors, or of their differences to the base, from left to right."""
    operands = tensors if base is None else [*tensors, base]
    wide = np.float64 if F64 in [out, *(x.dtype for x in operands)] else np.float32
    with np.errstate(all="ignore"):
        scales = [wide(weight) for weight in weights]
        deltas = [x.astype(wide) if base is None else x.astype(wide) - base.astype(wide) for x in tensors]
        # Starts from the integer 0, so a sum of negative zeros is a positive one.
        total = sum(scale * delta for scale, delta in zip(scales, deltas, strict=True))
        if base is not None:
            total = total + base.astype(wide)
        assert np.asarray(total).dtype == wide
        return rounded(np.asarray(total), out)


def merged(models: list[Tensors], base: Tensors | None, weights, normalize, dtype) -> Tensors:
    factors = [1.0] * len(models) if weights is None else weights
    if normalize or weights is None:
        factors = normalised(factors)
    result = {}
    for name, leading in (base or models[0]).items():
        if leading.dtype in FLOATS:
            own_base = None if base is None else base[name]
            result[name] = linear([m[name] for m in models], own_base, factors, dtype or leading.dtype)
        else:
            result[name] = leading
    return result


# --- The files ---------------------------------------------------------------------------------


def safetensors_bytes(tensors: Tensors, form: str = "pt") -> bytes:
    kept = {name: np.ascontiguousarray(array).reshape(array.shape) for name, array in tensors.items()}
    specs = {
        name: TensorSpec(dtype=x.dtype.name, shape=x.shape, data_ptr=x.ctypes.data, data_len=x.nbytes)
        for name, x in kept.items()
    }
    return serialize(specs, {"format": form})


def misaligned_bytes(tensors: Tensors) -> bytes:
    """A valid file whose data starts at an odd offset and keeps the order of `tensors`."""
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    codes = {F64: "F64", F32: "F32", F16: "F16", BF16: "BF16", np.dtype(np.uint8): "U8"}
    for name, x in tensors.items():
        span = [offset, offset + x.nbytes]
        header[name] = {"data_offsets": span, "shape": list(x.shape), "dtype": codes[x.dtype]}
        offset += x.nbytes
    text = json.dumps(header).encode()
    text += b" " * (1 + -len(text) % 8)
    data = len(text).to_bytes(8, "little") + text + b"".join(x.tobytes() for x in tensors.values())
    assert len(deserialize(data)) == len(tensors)
    return data


def write_checkpoint(folder: Path, tensors: Tensors, shards=None, prefix="model", form="pt", encode=None):
    """One file, or `shards` (lists of tensors' names) and an index."""
    folder.mkdir(parents=True)
    if shards is None:
        data = encode(tensors) if encode else safetensors_bytes(tensors, form)
        (folder / f"{prefix}.safetensors").write_bytes(data)
        return
    weight_map = {}
    for number, names in enumerate(shards, 1):
        file = f"{prefix}-{number:05d}-of-{len(shards):05d}.safetensors"
        (folder / file).write_bytes(safetensors_bytes({name: tensors[name] for name in names}, form))
        weight_map |= dict.fromkeys(names, file)
    assert weight_map.keys() == tensors.keys()
    size = sum(x.nbytes for x in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": dict(sorted(weight_map.items()))}
    (folder / f"{prefix}.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")


def write_case(name: str, content: dict) -> None:
    """JSON as the repository's formatter lays it out."""

    def layout(value, depth: int) -> str:
        if isinstance(value, dict) and depth < 3:
            lines = [f"{'  ' * depth}{json.dumps(k)}: {layout(v, depth + 1)}" for k, v in value.items()]
            return "{\n" + ",\n".join(lines) + "\n" + "  " * (depth - 1) + "}"
        if isinstance(value, dict):
            return "{ " + ", ".join(f"{json.dumps(k)}: {layout(v, depth)}" for k, v in value.items()) + " }"
        if isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
            lines = ["  " * depth + layout(entry, 3) for entry in value]
            return "[\n" + ",\n".join(lines) + "\n" + "  " * (depth - 1) + "]"
        if isinstance(value, list):
            return "[" + ", ".join(layout(entry, depth) for entry in value) + "]"
        return json.dumps(value, ensure_ascii=False)

    (FOLDER / name).mkdir(parents=True, exist_ok=True)
    (FOLDER / name / "case.json").write_text(layout(content, 1) + "\n", encoding="utf-8")


def case(
    name: str,
    note: str,
    models: list[Tensors],
    base: Tensors | None = None,
    weights: list[float] | None = None,
    normalize: bool | None = None,
    dtype: np.dtype | None = None,
    called: str | None = None,
    layouts: dict[str, list[list[str]]] | None = None,
    forms: dict[str, str] | None = None,
    prefix: str = "model",
    encode: Callable[[Tensors], bytes] | None = None,
    **flags,
) -> Tensors:
    """One folder: the models as `a`, `b`, ..., the base, what their merge must be, and the request for it.

    `called` spells the output dtype, `layouts` shards folders, `forms` gives their metadata `format`.
    """
    layouts, forms = layouts or {}, forms or {}
    folders = dict(zip("abcde", models, strict=False)) | ({} if base is None else {"base": base})
    for folder, tensors in folders.items():
        form = forms.get(folder, "pt")
        write_checkpoint(FOLDER / name / folder, tensors, layouts.get(folder), prefix, form, encode)
    config = {"merge_method": "linear", "model_path_list": list("abcde"[: len(models)])}
    optional = {
        "base_model_path": None if base is None else "base",
        "weight_list": weights,
        "normalize": normalize,
        "dtype": None if dtype is None else called or NAMES[dtype].upper(),
        "merge_prefix": None if prefix == "model" else prefix,
    }
    config |= {key: value for key, value in optional.items() if value is not None} | flags
    result = merged(models, base, weights, normalize, dtype)
    form = forms.get("a" if base is None else "base", "pt")
    write_checkpoint(FOLDER / name / "expected", result, layouts.get("expected"), prefix, form)
    write_case(name, {"note": note, "config": config})
    return result


# --- The inputs --------------------------------------------------------------------------------


def numbers(rng: np.random.Generator, shape, dtype: np.dtype, least=-6, most=3) -> Array:
    """Numbers of both signs between 2^least and 2^most, made without a library's logarithms."""
    fraction = rng.integers(2**52, 2**53, shape) * 2.0**-52
    sign = 1 - 2.0 * rng.integers(0, 2, shape)
    return np.asarray(sign * np.ldexp(fraction, rng.integers(least, most, shape))).astype(dtype)


# A single number, nothing, nothing with axes, less than a vector of any backend, one, one more, many, and rows.
SHAPES = {
    "scalar": (),
    "empty": (0,),
    "empty.rows": (3, 0, 2),
    "one": (1,),
    "seven": (7,),
    "eight": (8,),
    "nine": (9,),
    "rows": (5, 13),
}


def models_of(name: str, count: int, dtype: np.dtype, length: int) -> list[Tensors]:
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    shapes = SHAPES | {"long": (length,)}
    return [{key: numbers(rng, shape, dtype) for key, shape in shapes.items()} for _ in range(count)]


def special_values(dtype: np.dtype) -> Array:
    """Ends of every range, numbers that meet half-way between two others, infinities and NaNs."""
    exponent_bits, fraction_bits, nan = FLOATS[dtype]
    one = ((1 << (exponent_bits - 1)) - 1) << fraction_bits
    normal = 1 << fraction_bits
    infinity = ((1 << exponent_bits) - 1) << fraction_bits
    # Half a step of the largest number: added to it, exactly half-way to infinity.
    half_step = infinity - normal * (fraction_bits + 2)
    positive = [0, 1, 2, 3, normal - 1, normal, normal + 1, one - 1, one, one + 1, one + normal // 2]
    positive += [half_step - 1, half_step, infinity - normal, infinity - 1, infinity]
    sign = 1 << (exponent_bits + fraction_bits)
    # A quiet NaN with a payload, a signalling one, and a negative one.
    return from_bits([*positive, *(p | sign for p in positive), nan + 5, infinity + 1, nan | sign], dtype)


def pairs(values: Array) -> tuple[Array, Array, Array]:
    """Every ordered pair of values as two squares, and a third of the same values in another order."""
    k = len(values)
    i, j = np.indices((k, k))
    return values[i], values[j], values[(i * 7 + j * 3) % k]


def half_way(dtype: np.dtype, count: int) -> tuple[Array, Array]:
    """Float64 midpoints of neighbours in a 16-bit `dtype`, and nudges too small for float32 to see."""
    rng = np.random.default_rng(FLOATS[dtype][2])
    exponent_bits, fraction_bits, nan = FLOATS[dtype]
    infinity = nan - (1 << (fraction_bits - 1))
    low = np.concatenate([np.arange(8), rng.integers(0, infinity - 1, count), [infinity - 1] * 5])
    low, high = (from_bits(low + step, dtype).astype(np.float64) for step in (0, 1))
    high[np.isinf(high)] = 2.0 ** (1 << (exponent_bits - 1))
    choice = rng.integers(-2, 3, len(low))
    middle = (low + high) / 2 * rng.choice([-1, 1], len(low))
    return middle, middle * 2.0**-40 * choice


# --- The cases ---------------------------------------------------------------------------------


def cases_per_dtype(dtype: np.dtype) -> None:
    kind = NAMES[dtype]
    case(f"{kind}-raw", "weights as given", models_of(f"{kind}1", 2, dtype, 1003), weights=[0.3, 1.1])
    *models, base = models_of(f"{kind}2", 3, dtype, 403)
    note = "differences to a base, normalised weights"
    case(f"{kind}-normalised-base", note, models, base, [2, 5], normalize=True)
    note = "no weights given: equal ones, normalised"
    case(f"{kind}-default-three", note, models_of(f"{kind}3", 3, dtype, 203))
    *models, base = models_of(f"{kind}4", 4, dtype, 203)
    case(f"{kind}-negative-base", "a negative weight, as given", models, base, [0.7, -0.2, 1.3])
    note = "the order of summation shows, and that of the weights' own sum"
    weights = [0.1, 0.2, 0.3, -0.05, 0.15]
    case(f"{kind}-five", note, models_of(f"{kind}5", 5, dtype, 203), weights=weights, normalize=True)

    a, b, c = pairs(special_values(dtype))
    note = "every pair of special values: overflow by rounding, cancellation to +0, infinity - infinity"
    case(f"{kind}-special-difference", note, [{"x": a}, {"x": b}], weights=[1, -1])
    note = "halves of denormals tie to even; infinities and NaNs in models and base"
    case(f"{kind}-special-base", note, [{"x": a}, {"x": b}], {"x": c}, [0.5, 0.25])
    note = "weight 0 times infinity is NaN; a weight that is denormal in the arithmetic's own precision"
    tiny = 1e-310 if dtype == F64 else 1e-40
    case(f"{kind}-special-tiny-weight", note, [{"x": a}, {"x": b}], weights=[0, tiny])


def cases_of_mixed_dtypes() -> None:
    def mixed(name: str, note: str, dtypes: list[np.dtype], base: np.dtype | None = None, **options):
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        shapes = {"scalar": (), "nine": (9,), "rows": (7, 19)}
        every = [{k: numbers(rng, s, d) for k, s in shapes.items()} for d in [*dtypes, *([base] if base else [])]]
        models = every[: len(dtypes)]
        case(name, note, models, every[-1] if base else None, options.pop("weights", [0.6, 0.7]), **options)

    mixed("mixed-f32-bf16", "computed in float32, stored as the first model's F32", [F32, BF16])
    mixed("mixed-bf16-base", "stored as the base's BF16", [F32, F16], BF16, normalize=True)
    mixed("mixed-f64-first", "computed in float64, stored as F64", [F64, F32, BF16], weights=[0.1, 0.2, 0.4])
    mixed("mixed-f64-last", "one F64 operand makes it float64; stored as F32", [F32, F64])
    mixed("mixed-f64-base", "a base of F64 makes it float64 and F64", [BF16, F16], F64)
    mixed("dtype-bf16-to-f32", "a wider output", [BF16, BF16], dtype=F32, called="float32")
    mixed("dtype-f32-to-f64", "an output of F64 alone makes it float64", [F32, F32], F32, dtype=F64, called="double")
    mixed("dtype-f32-to-bf16", "a narrower output, the base's type overridden", [F32, F32], F32, dtype=BF16)
    mixed("dtype-f16-to-bf16", "from one 16-bit type to the other", [F16, F16], dtype=BF16, called="bfloat16")

    rng = np.random.default_rng(16)
    big = numbers(rng, (4, 25), BF16, -30, 18)
    models = [{"x": numbers(rng, (4, 25), F16)}, {"x": big}]
    note = "stored as F16: BF16 numbers too large for it become infinite, small ones denormal or zero"
    case("mixed-f16-bf16", note, models, weights=[0.001, 1])
    # Per tensor, not per model: one model mixes what another has whole.
    kinds = {"embed": (BF16, F32), "norm": (F32, BF16), "head": (BF16, BF16), "bias": (F16, F64)}
    models = [{key: numbers(rng, (11,), pair[i]) for key, pair in kinds.items()} for i in (0, 1)]
    case("mixed-per-tensor", "every tensor of a model has a type of its own", models, weights=[3, 1], normalize=True)

    for dtype, called in ((BF16, "BF16"), (F16, "float16")):
        middle, nudge = half_way(dtype, 400)
        note = "rounded once: through float32 the nudge off the half-way point would be lost"
        models = [{"x": middle}, {"x": nudge}]
        case(f"dtype-f64-to-{NAMES[dtype]}", note, models, weights=[1, 1], dtype=dtype, called=called)
        note = "computed in float32, where the nudge is lost: half-way goes to even"
        models = [{"x": x.astype(np.float32)} for x in (middle, nudge)]
        case(f"ties-f32-to-{NAMES[dtype]}", note, models, weights=[1, 1], dtype=dtype, called=called)
    middle, nudge = (x * 2.0**-16 for x in half_way(BF16, 100))
    models = [{"x": from_bits((bits_of(middle) >> 29 << 29) | 1 << 28, F64)}, {"x": nudge * 2.0**-12}]
    case("dtype-f64-to-f32", "half-way between two F32, and nudged off it", models, weights=[1, 1], dtype=F32)


def cases_of_files() -> None:
    rng = np.random.default_rng(5)
    names = [f"layers.{i}.{part}" for i in range(3) for part in ("bias", "weight")]
    shapes = {name: (6,) if name.endswith("bias") else (6, 9) for name in names}
    every = [{name: numbers(rng, shape, BF16) for name, shape in shapes.items()} for _ in range(3)]
    thirds = [[names[5], names[0]], [names[3]], [names[1], names[2], names[4]]]
    layouts = {"b": thirds, "base": [names[:4], names[4:]]}
    note = "one model in a single file, one in three shards in another order, the base in two"
    case("shards-in", note, every[:2], every[2], [0.4, 0.8], layouts=layouts)

    # Whatever the rule counts (tensors or whole files, KB of 1000 or 1024 bytes), these split the same way.
    big = {"a.large": 2500, "b.first": 800, "b.second": 800, "c.first": 850, "c.second": 850, "d.last": 8}
    every = [{name: numbers(rng, (length,), BF16) for name, length in big.items()} for _ in range(2)]
    split = [["a.large"], ["b.first", "b.second"], ["c.first", "c.second", "d.last"]]
    note = "output in shards of at most 4KB; a tensor that is larger has one to itself"
    layouts = {"expected": split}
    case("shards-out", note, every, weights=[0.4, 0.8], layouts=layouts, max_shard_size="4KB")
    few = {"w": ((9, 20), F32), "é": ((1200,), F32), "a": ((64,), F64)}
    few |= {"\U0001f600": ((8,), BF16), "\uff5e": ((400,), BF16)}
    mixed = [{name: numbers(rng, *kind) for name, kind in few.items()} for _ in range(2)]
    layouts = {"expected": [["a", "w"], ["é"], ["\uff5e", "\U0001f600"]]}
    note = "shards are filled in the order of a file, by type and then name; the index is sorted by name, in ASCII"
    case("shards-names", note, mixed, weights=[0.4, 0.8], layouts=layouts, max_shard_size="2000")

    every = [{name: x[:64] for name, x in model.items()} for model in every]
    layouts = {"a": split, "b": [["c.second", "a.large", "d.last"], ["b.first", "c.first"], ["b.second"]]}
    case("shards-joined", "two sharded models, the output in one file", every, weights=[0.4, 0.8], layouts=layouts)

    odd = {"flag": rng.integers(0, 9, 1, np.uint8), "z": numbers(rng, (5,), F16), "y": numbers(rng, (67,), F32)}
    odd |= {"x": numbers(rng, (), BF16), "w": numbers(rng, (9, 7), F64)}
    every = [odd, {k: x if k == "flag" else x * x.dtype.type(0.75) for k, x in odd.items()}]
    note = "inputs whose elements all lie at odd offsets, in no order of type or name"
    case("misaligned", note, every, weights=[0.5, 0.25], encode=misaligned_bytes)

    few = [{"x": numbers(rng, (2, 3), F32)} for _ in range(3)]
    forms = {"base": "np"}
    case("format-of-base", "metadata `format` is the base's", few[:2], few[2], [1, 2], True, forms=forms)
    forms = {"a": "np"}
    case("format-of-first", "without a base `format` is the first model's", few[:2], None, [1, 2], forms=forms)
    note = "other names of the weight files, read and written"
    case("prefix-master-weights", note, few[:2], None, [1, 2], prefix="master_weights")

    names = ["", "__proto__", "constructor", "toString", "0", "10", "2", "a b", 'quote"back\\slash/', "tab\tnew\n"]
    # U+FF5E sorts before U+1F600 by code point and by UTF-8, after it by UTF-16.
    names += ["\x01\x1f\x7f", "é", "e\u0301", "\u2028", "层.权重", "\ufb01", "\uff5e", "\U0001f600", "../up"]
    models = [{name: numbers(rng, (2,), F32) for name in names} for _ in range(2)]
    case("names", "names are any text, never keys of an object or paths", models, weights=[0.5, 0.25])

    for suffix, base in (("first", False), ("base", True)):
        every = [carried(rng, seed) for seed in range(3)]
        note = f"what is not merged is copied from the {'base' if base else 'first model'}, dtype or not"
        models, own_base = every[:2], every[2] if base else None
        case(f"carried-{suffix}", note, models, own_base, [0.5, 0.25], dtype=BF16 if base else None)


def carried(rng: np.random.Generator, seed: int) -> Tensors:
    """A tensor of every type that the package writes whole; the names run against the types' order."""
    kinds = "bool uint8 int8 float8_e5m2 float8_e4m3fn float8_e8m0fnu float8_e4m3fnuz float8_e5m2fnuz int16".split()
    kinds += "uint16 float16 bfloat16 int32 uint32 float32 complex64 float64 int64 uint64".split()
    tensors: Tensors = {}
    for i, kind in enumerate(kinds):
        dtype = np.dtype(getattr(ml_dtypes, kind, kind))
        if dtype in FLOATS:
            tensors[f"{i:02d}.{kind}"] = numbers(rng, (3,), dtype)
        else:
            top = 2 if kind == "bool" else 256
            data = rng.integers(0, top, 3 * dtype.itemsize, np.uint8)
            tensors[f"{i:02d}.{kind}"] = data.view(dtype)
    # Token positions and a step counter, as models really have them: equal in all, and one apart in each.
    return tensors | {"position_ids": np.arange(5)[None], "steps": np.array(100 + seed)}


def case_published() -> None:
    """Numbers published with PaddleNLP's own tool (Apache-2.0), tests/mergekit/test_merge_method.py, `test_linear`.

    At commit a18c1be095d1a59711436a338861a5b7768b13ef. They stand there as literals; so they do here.
    """
    a = """-0.834894061088562 0.7672924399375916 -0.981352686882019 0.8236614465713501 0.19363074004650116
        0.7413361668586731 -0.44731196761131287 0.9544159173965454 0.07453861087560654 0.5572543144226074
        0.9128026962280273 -0.23344580829143524 0.8464474678039551 0.14241063594818115 -0.8475964069366455
        0.598555326461792 0.9459332823753357 -0.35118913650512695 0.5437421798706055 0.6906668543815613"""
    b = """0.49925723671913147 -0.4865064024925232 0.8579433560371399 -0.546754777431488 0.6354734897613525
        0.23720359802246094 -0.9355064630508423 0.5311998128890991 0.05024348944425583 -0.3130885660648346
        0.9513155221939087 -0.1657073199748993 0.008428480476140976 0.6909753680229187 0.43041032552719116
        0.5276866555213928 -0.5949721932411194 0.11636247485876083 0.6154545545578003 0.09229031205177307"""
    expected = """0.2324269860982895 -0.23574663698673248 0.490084171295166 -0.27267152070999146 0.5471049547195435
        0.3380300998687744 -0.8378675580024719 0.6158430576324463 0.05510251224040985 -0.13901998102664948
        0.9436129927635193 -0.17925502359867096 0.17603228986263275 0.581262469291687 0.17480896413326263
        0.5418604016304016 -0.2867910861968994 0.022852152585983276 0.6011121273040771 0.2119656205177307"""
    a, b, expected = ({"x": np.array(text.split(), np.float32).reshape(4, 5)} for text in (a, b, expected))
    note = "the linear vector of PaddleNLP's tests/mergekit/test_merge_method.py"
    result = case("published-paddlenlp", note, [a, b], weights=[2, 8], normalize=True)
    assert (result["x"] == expected["x"]).all()


def generated(seed: int, start: int, count: int) -> Array:
    """BF16 numbers of both signs from 2^-17 to 2^-1; test/support/generated-checkpoint.ts makes the same."""
    x = np.arange(start, start + count, dtype=np.uint32) * np.uint32(0x9E37_79B1) + np.uint32(seed)
    for shift, factor in ((15, 0x85EB_CA77), (13, 0xC2B2_AE3D)):
        x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
    x ^= x >> np.uint32(16)
    sign, exponent, fraction = x >> np.uint32(31), 110 + (x >> np.uint32(7) & 15), x & 127
    return from_bits(sign << np.uint32(15) | exponent << 7 | fraction, BF16)


def case_large() -> None:
    tensors = [
        {"name": "first", "shape": [1_000_003]},
        {"name": "second", "shape": [256, 256]},
        {"name": "third", "shape": [131_073]},
    ]
    seeds = {"a": 1, "b": 2, "base": 3}
    weights = [0.6, 0.7]
    result, start = {}, 0
    for tensor in tensors:
        count = math.prod(tensor["shape"])
        a, b, base = (generated(seed, start, count).astype(np.float32) for seed in seeds.values())
        total = 0 + np.float32(weights[0]) * (a - base) + np.float32(weights[1]) * (b - base) + base
        assert not np.isnan(total).any()
        result[tensor["name"]] = total.astype(BF16).reshape(tensor["shape"])
        sample = slice(0, 5000)
        assert (bits_of(rounded(total[sample], BF16)) == bits_of(total[sample].astype(BF16))).all()
        start += count
    config = {"merge_method": "linear", "model_path_list": ["a", "b"], "base_model_path": "base"}
    settings = [{"n_process": n} | m for n in (1, 2, 4) for m in ({}, {"max_memory": "8MB"}, {"max_memory": "256MB"})]
    content = {
        "note": "tensors of many blocks: neither workers nor memory show in a byte; only the hash is kept",
        "config": config | {"weight_list": weights},
        "settings": settings,
        "generated": {"tensors": tensors, "seeds": seeds},
        "sha256": {"model.safetensors": hashlib.sha256(safetensors_bytes(result)).hexdigest()},
    }
    write_case("large", content)


def check_sizes(cases: Path, limit_bytes: int) -> None:
    """Prints how many bytes each case takes; all together must stay below the limit."""
    total = 0
    for folder in sorted(cases.iterdir()):
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        print(f"{size:8d}  {folder.name}")
        total += size
    print(f"{total:8d}  bytes in all")
    assert total < limit_bytes


def main() -> None:
    check_rounding()
    shutil.rmtree(FOLDER, ignore_errors=True)
    for dtype in FLOATS:
        cases_per_dtype(dtype)
    cases_of_mixed_dtypes()
    cases_of_files()
    case_published()
    case_large()
    check_sizes(FOLDER, LIMIT_BYTES)


if __name__ == "__main__":
    main()
