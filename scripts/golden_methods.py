# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["numpy==2.4.6", "ml_dtypes==0.6.0", "safetensors==0.8.0"]
# ///
"""Writes the golden cases of all methods: inputs, and the two numbers that each element of a merge must lie between.

    uv run scripts/golden_methods.py

or, with the packages above in any Python 3.11, `python scripts/golden_methods.py`. It replaces
test/golden/methods/ whole and gives the same bytes on every machine. scripts/golden_arithmetic.py computes in float64;
the bounds are 4 units in the last place of float32 below and above that (of the largest number met on the way, where
numbers cancel), rounded once to the output's type. Nothing here comes from Tensorweld.

An element whose fate hangs on less than rounding (a random number at the very probability, votes that all but
cancel) is set to zero in all inputs, so that nothing is asked that the definition leaves open.
"""

import json
import math
import shutil
import zlib
from dataclasses import fields
from pathlib import Path

import numpy as np
from golden_arithmetic import UNITS, Recipe, check_philox, reference
from golden_linear import (
    BF16,
    F16,
    F32,
    F64,
    Array,
    Tensors,
    check_sizes,
    generated,
    numbers,
    rounded,
    write_checkpoint,
)

FOLDER = Path(__file__).resolve().parent.parent / "test" / "golden" / "methods"
LIMIT_BYTES = 800_000
KINDS = {"f32": F32, "bf16": BF16, "f16": F16, "f64": F64}
PAIRS = {
    ("none", "linear"): "linear",
    ("none", "slerp"): "slerp",
    ("trim", "ties"): "ties",
    ("magprune", "ties"): "della",
    ("magprune", "linear"): "della_linear",
    ("dare", "linear"): "dare_linear",
    ("dare", "ties"): "dare_ties",
}
FLAGS = {field.name for field in fields(Recipe)}

# --- The files ---------------------------------------------------------------------------------


def recipe_of(config: dict) -> Recipe:
    flags = {key: value for key, value in config.items() if key in FLAGS}
    if "merge_method" in config:
        pair = next(pair for pair, method in PAIRS.items() if method == config["merge_method"])
    else:
        pair = config.get("sparsify_type", "none"), config.get("merge_type", "linear")
    return Recipe(sparsify=pair[0], merge=pair[1], **flags)


def precision(arrays: list[Array], out: np.dtype) -> np.dtype:
    return F64 if F64 in [out, *(x.dtype for x in arrays)] else F32


def bounds(name: str, models: list[Array], base: Array | None, recipe: Recipe, out: np.dtype) -> tuple[Array, Array]:
    """What an element of the output may be at least and at most; `models` and `base` lose what is open."""
    operands = models if base is None else [*models, base]
    for _ in range(20):
        merged = reference(name, models, base, recipe, precision(operands, out))
        if not merged.open.any():
            low, high = (merged.values + sign * merged.slack for sign in (-1, 1))
            return tuple(rounded(x, out).reshape(models[0].shape) for x in (low, high))
        print(f"  {name}: {int(merged.open.sum())} of {merged.open.size} set to zero")
        for x in operands:
            x[merged.open.reshape(x.shape)] = 0
    raise AssertionError(f"{name}: elements stay open")


def write_case(name: str, content: dict) -> None:
    (FOLDER / name).mkdir(parents=True, exist_ok=True)
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in content.items()]
    (FOLDER / name / "case.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def request(models: int, base: bool, config: dict) -> dict:
    paths = {"model_path_list": list("abcde"[:models])} | ({"base_model_path": "base"} if base else {})
    return paths | config


def case(name: str, note: str, models: list[Tensors], base: Tensors | None = None, between=None, **config) -> None:
    """One folder: the models as `a`, `b`, ..., the base, the request, and the bounds (`between`, if not computed)."""
    recipe = recipe_of(config)
    least, most = {}, {}
    for key, leading in (base or models[0]).items():
        out = KINDS[config["dtype"].lower()] if "dtype" in config else leading.dtype
        of_models = [model[key] for model in models]
        own_base = None if base is None else base[key]
        found = between or bounds(key, of_models, own_base, recipe, out)
        least[key], most[key] = found
    folders = dict(zip("abcde", models, strict=False)) | ({} if base is None else {"base": base})
    for folder, tensors in (folders | {"least": least, "most": most}).items():
        write_checkpoint(FOLDER / name / folder, tensors)
    write_case(name, {"note": note, "config": request(len(models), base is not None, config)})


# --- The inputs --------------------------------------------------------------------------------


def random(name: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(name.encode()))


def related(rng: np.random.Generator, shape, dtype: np.dtype, count: int) -> tuple[list[Array], Array]:
    """A base and models that were trained from it a little, so that equal differences abound in 16 bits."""
    base = numbers(rng, shape, dtype, -5, 1)
    changes = [numbers(rng, shape, F64, -9, -2) for _ in range(count)]
    return [np.asarray((base.astype(np.float64) + change).astype(dtype)) for change in changes], base


# A single number, nothing, nothing with axes, less than a vector of any backend, one, one more, and rows.
SHAPES = {"scalar": (), "one": (1,), "seven": (7,), "eight": (8,), "nine": (9,), "rows": (3, 11)}
EMPTY = {"empty": (0,), "empty.rows": (3, 0, 2)}


def every_shape(rng, count: int, based: bool) -> tuple[list[Tensors], Tensors | None]:
    kinds = ("f32", "bf16", "f16")
    wanted = {f"{kind}.{name}": (shape, KINDS[kind]) for kind in kinds for name, shape in SHAPES.items()}
    wanted |= {name: (shape, F32) for name, shape in EMPTY.items()}
    wanted |= {"long": ((403,), F32), "f64": ((9,), F64)} if based else {"long": ((203,), BF16)}
    return checkpoints(rng, wanted, count, based)


def few_shapes(rng, count: int, based: bool = True) -> tuple[list[Tensors], Tensors | None]:
    wanted = {"f32.long": ((203,), F32), "bf16.rows": ((5, 13), BF16), "f16.nine": ((9,), F16)}
    return checkpoints(rng, wanted, count, based)


def checkpoints(rng, wanted: dict, count: int, based: bool) -> tuple[list[Tensors], Tensors | None]:
    models, base = [{} for _ in range(count)], {}
    for key, (shape, dtype) in wanted.items():
        if based:
            tensors, base[key] = related(rng, shape, dtype, count)
        else:
            tensors = [numbers(rng, shape, dtype) for _ in range(count)]
        for model, tensor in zip(models, tensors, strict=True):
            model[key] = tensor
    return models, base if based else None


def parts(sparsify: str, merge: str) -> dict:
    return {"sparsify_type": sparsify, "merge_type": merge}


# --- The cases ---------------------------------------------------------------------------------


def cases_of_combinations() -> None:
    of_merge = {
        "linear": {"weight_list": [0.5, 0.8, -0.3]},
        "ties": {"weight_list": [2, 5, 3], "normalize": True},
        "slerp": {"slerp_alpha": 0.3},
    }
    for sparsify in ("none", "trim", "dare", "magprune"):
        for merge, flags in of_merge.items():
            pair = f"{sparsify}-{merge}"
            models, base = every_shape(random(pair), 2 if merge == "slerp" else 3, True)
            method = PAIRS.get((sparsify, merge))
            chosen = parts(sparsify, merge) if method is None else {"merge_method": method}
            case(f"{pair}-base", "differences to a base", models, base, **chosen, **flags)
            models, _ = every_shape(random(pair + "2"), 2, False)
            case(pair, "no base, all other flags left out", models, **parts(sparsify, merge))


def cases_of_sparsifiers() -> None:
    settings = {
        "trim": [{"reserve_p": p} for p in (0.1, 0.5, 0.95, 1)],
        "dare": [{"reserve_p": p} for p in (0.1, 0.5, 0.95, 1)],
        "magprune": [{"reserve_p": 0.1}, {"reserve_p": 0.5, "epsilon": 0.9}, {"reserve_p": 0.92}, {"epsilon": 0}],
    }
    for sparsify, own in settings.items():
        for number, flags in enumerate([*own, {"rescale": False}], 1):
            models, base = few_shapes(random(f"{sparsify}{number}"), 2)
            flags = parts(sparsify, "linear") | {"weight_list": [1, -0.5]} | flags
            case(f"{sparsify}-flags-{number}", "one flag at another value", models, base, **flags)
    for sparsify in settings:
        rng = random(f"{sparsify}-equal")
        pools = {"halves": [-1, -0.5, 0, 0.5, 1], "one-size": [-0.75, 0.75], "zero": [0], "few": [0, 0, 0, 0, 2]}
        models = [{name: rng.choice(np.array(pool), 129).astype(F32) for name, pool in pools.items()} for _ in range(2)]
        note = "many equal magnitudes, at the threshold and elsewhere; nothing but zeros"
        case(f"{sparsify}-equal", note, models, **parts(sparsify, "linear"), weight_list=[1, 2], reserve_p=0.5)
        rng = random(f"{sparsify}-tiny")
        models = [{"w": numbers(rng, (65,), F32, -50, -40), "x": numbers(rng, (65,), F32, -30, -25)} for _ in range(2)]
        note = "sums around 1e-8, below which trim does not rescale"
        case(f"{sparsify}-tiny", note, models, **parts(sparsify, "linear"), weight_list=[0.5, 2])
    rng = random("names")
    names = ["", "a", "ab", "abc", "abcd", "层.权重", "\U0001f600", "model.layers.0.mlp.up_proj.weight"]
    models = [{name: numbers(rng, (21,), F32) for name in names} for _ in range(3)]
    for sparsify, seed in (("dare", 7), ("magprune", 2**40 + 7)):
        own = [{name: x.copy() for name, x in model.items()} for model in models]
        note = "masks follow from the seed, the name in UTF-8 and the model's position"
        case(f"{sparsify}-seed", note, own, **parts(sparsify, "linear"), weight_list=[0.3, 0.4, 0.5], seed=seed)


def cases_of_ties() -> None:
    for elect in ("sum", "count"):
        flags = {"ties_elect_type": elect}
        note = "a negative weight turns a model's votes round"
        models, base = few_shapes(random(f"ties-negative-{elect}"), 3)
        weights = [0.7, -0.4, 1.2]
        case(f"ties-{elect}-negative", note, models, base, merge_method="ties", weight_list=weights, **flags)
        note = "five models, few of them heard at each element"
        models, base = few_shapes(random(f"ties-five-{elect}"), 5)
        weights = [0.1, 0.9, 0.2, 0.15, 0.3]
        flags |= {"weight_list": weights, "normalize": True}
        case(f"ties-{elect}-five", note, models, base, merge_method="dare_ties", reserve_p=0.5, **flags)
        # All votes that four models can cast, in every combination, zeros of both signs among them.
        votes = np.stack(np.meshgrid(*[[-1, -0.5, -0.0, 0.0, 0.5, 1]] * 4)).reshape(4, -1)[:, ::3]
        note = "draws, zeros that never vote, and weights of what is kept that cancel"
        flags |= {"weight_list": [1, -1, 0.5, 2]}
        case(f"ties-{elect}-votes", note, [{"w": row.astype(F32)} for row in votes], merge_type="ties", **flags)
    note = "equal weights of equal models: linear would give the same"
    models, base = few_shapes(random("ties-equal"), 1)
    case("ties-equal-models", note, models * 2, base, merge_method="ties", reserve_p=1)


def cases_of_slerp() -> None:
    for number, alpha in enumerate((0, 1, 0.75), 1):
        models, base = few_shapes(random(f"slerp{number}"), 2)
        case(f"slerp-alpha-{number}", f"alpha {alpha}", models, base, merge_method="slerp", slerp_alpha=alpha)
    rng = random("slerp-angles")
    x, noise = numbers(rng, (9, 9), F64), numbers(rng, (9, 9), F64)
    pairs = {
        "same": x,
        "nearly": x + 1e-3 * noise,
        "just-apart": x + 0.045 * noise,
        "opposite": -x,
        "nearly-opposite": 1e-3 * noise - x,
        "just-off-opposite": 0.045 * noise - x,
        "longer": x * 8 + noise,
        "zero": x * 0,
    }
    for number, flags in enumerate([{}, {"slerp_dot_threshold": 0.5}, {"slerp_alpha": 0.3}], 1):
        own = list(pairs)[number - 1 :: 3] if number > 1 else list(pairs)
        first, second = dict.fromkeys(own, x), {key: pairs[key] for key in own}
        models = [{key: y.astype(F32) for key, y in model.items()} for model in (first, second)]
        models = [model | {"both-zero": np.zeros(5, F32)} for model in models]
        case(f"slerp-angles-{number}", "lines and arcs", models, merge_method="slerp", **flags)
    small = [{"w": numbers(rng, (33,), F32, -4, -2), "x": numbers(rng, (33,), F32, -100, -90)} for _ in range(2)]
    note = "norms below slerp_normalize_eps: the cosine is the plain dot product"
    case("slerp-short", note, small, merge_method="slerp", slerp_normalize_eps=100)
    note = "numbers whose squares are zero in float32, and no norm too small"
    small = [{key: y.copy() for key, y in model.items()} for model in small]
    case("slerp-tiny", note, small, merge_method="slerp", slerp_normalize_eps=0, slerp_alpha=0.25)


def cases_of_range() -> None:
    kinds = {"f16": (F16, 5, 13), "bf16": (BF16, 70, 90), "f32": (F32, 70, 90)}
    pairs = ("none", "slerp"), ("trim", "linear"), ("trim", "ties"), ("dare", "slerp"), ("magprune", "linear")
    for sparsify, merge in pairs:
        rng = random(f"range-{sparsify}-{merge}")
        models = [{key: numbers(rng, (12, 12), *kind) for key, kind in kinds.items()} for _ in range(2)]
        note = "norms and sums too large for the inputs' own types, squares too large for float32"
        flags = parts(sparsify, merge) | {"reserve_p": 0.8, "rescale": merge != "slerp"}
        case(f"range-{sparsify}-{merge}", note, models, **flags)


def cases_of_mixed_dtypes() -> None:
    shapes = {"nine": (9,), "rows": (5, 11), "scalar": ()}
    pairs = ("trim", "ties"), ("dare", "linear"), ("magprune", "ties"), ("none", "slerp"), ("trim", "slerp")
    for sparsify, merge in pairs:
        rng = random(f"mixed-{sparsify}-{merge}")
        kinds = {"all-f64": [F64] * 3, "one-f64": [F32, F64, BF16], "bf16-base": [F32, F16, BF16]}
        *models, base = [
            {f"{key}.{name}": numbers(rng, shape, k[i]) for key, k in kinds.items() for name, shape in shapes.items()}
            for i in range(3)
        ]
        flags = {} if merge == "slerp" else {"weight_list": [0.6, 0.7]}
        note = "stored as the base's type; float64 where any of three is"
        case(f"mixed-{sparsify}-{merge}", note, models, base, **parts(sparsify, merge), **flags)
    for dtype in ("F32", "BF16", "F64"):
        models, base = few_shapes(random(f"dtype-{dtype}"), 2)
        note = "stored as asked for; with F64 computed so"
        case(f"dtype-{dtype.lower()}", note, models, base, merge_method="della", weight_list=[1, 2], dtype=dtype)


def cases_published() -> None:
    """Numbers published with PaddleNLP's own tool (Apache-2.0), tests/mergekit/test_{merge,sparsify}_method.py.

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
    slerp = """-0.241766095161438 0.20225590467453003 -0.08889424800872803 0.19946154952049255 0.5972206592559814
        0.704862117767334 -0.9960722923278809 1.0701193809509277 0.08988308906555176 0.17587755620479584
        1.3427623510360718 -0.28751814365386963 0.6157845854759216 0.6003049612045288 -0.30050763487815857
        0.8112550973892212 0.2528044283390045 -0.1691504418849945 0.8349930644035339 0.5639800429344177"""
    ties = """0.49925723671913147 -0.4865064024925232 0.8579433560371399 -0.546754777431488 0.5471049547195435
        0.3380300998687744 -0.8378675580024719 0.6158429980278015 0.05510251596570015 -0.3130885660648346
        0.9436129331588745 -0.17925502359867096 0.17603227496147156 0.5812624096870422 0.43041032552719116
        0.5418604016304016 -0.5949721932411194 0.11636247485876083 0.6011120676994324 0.21196560561656952"""
    trim = """-0.9439255595207214 0.867495596408844 -1.1095106601715088 0.9312260150909424 0.0
        0.8381496071815491 0.0 1.0790561437606812 0.0 0.6300279498100281
        1.0320085287094116 0.0 0.956987738609314 0.0 -0.958286702632904
        0.6767225861549377 1.0694657564163208 0.0 0.6147512197494507 0.7808632254600525"""

    def published(name: str, expected: str, **config) -> None:
        models = [{"x": literals(text)} for text in (a, b)]
        values = literals(expected)
        slack = UNITS[F32] * np.where(values == 0, 0, np.spacing(np.abs(values)))
        computed = bounds("x", [model["x"] for model in models], None, recipe_of(config), F32)
        assert (computed[0] <= values).all() and (values <= computed[1]).all()
        note = f"the {name} vector of PaddleNLP's tests/mergekit, give or take 4 units in the last place"
        case(f"published-{name}", note, models, between=(values - slack, values + slack), **config)

    published("slerp", slerp, merge_method="slerp", slerp_alpha=0.5)
    published("ties", ties, merge_type="ties", weight_list=[2, 8], normalize=True)
    published("trim", trim, sparsify_type="trim", weight_list=[1, 0], reserve_p=0.7)


def literals(text: str) -> Array:
    return np.array(text.split(), np.float32).reshape(4, 5)


def cases_of_many_blocks() -> None:
    """Inputs too big to keep: their recipe is, with the bounds of elements here and there."""
    seeds = {"a": 1, "b": 2, "base": 3}
    tensors = [{"name": "first", "shape": [200_003]}, {"name": "second", "shape": [1_000_003]}]

    def large(name: str, based: bool, whole: bool = False, **config) -> None:
        own, recipe = seeds if based else {key: seeds[key] for key in "ab"}, recipe_of(config)
        samples, nonzero, start = {}, {}, 0
        for tensor in tensors:
            count = math.prod(tensor["shape"])
            a, b, base = (generated(seed, start, count) for seed in seeds.values())
            start += count
            merged = reference(tensor["name"], [a, b], base if based else None, recipe, F32)
            settled = np.flatnonzero(~merged.open)
            at = settled[np.linspace(0, len(settled) - 1, 120).astype(int)]
            low, high = (rounded(merged.values[at] + sign * merged.slack[at], F32) for sign in (-1, 1))
            samples[tensor["name"]] = {"at": at.tolist(), "least": shown(low), "most": shown(high)}
            sure = int(np.count_nonzero(merged.values[~merged.open]))
            nonzero[tensor["name"]] = [sure, sure + int(merged.open.sum())]
        content = {
            "note": "tensors of many blocks: neither workers nor memory show in a byte",
            "config": request(2, based, config | {"dtype": "F32"}),
            "settings": [{"n_process": n, "max_memory": m} for n in (1, 2, 4) for m in (f"{55 * n - 11}MB", "256MB")],
            "generated": {"tensors": tensors, "seeds": own},
            "samples": samples,
        }
        write_case(f"large-{name}", content | ({"nonzero": nonzero} if whole else {}))

    weights = {"weight_list": [0.6, 0.7]}
    alone = {"weight_list": [1, 0]}
    large("ties", True, merge_method="ties", normalize=True, **weights)
    large("dare-ties", True, merge_method="dare_ties", **weights)
    large("della", True, merge_method="della", **weights)
    large("slerp", True, merge_method="slerp", slerp_alpha=0.3)
    large("trim-slerp", True, **parts("trim", "slerp"))
    large("trim-kept", False, True, **parts("trim", "linear"), **alone)
    large("dare-kept", False, True, **parts("dare", "linear"), **alone)
    large("magprune-kept", False, True, **parts("magprune", "linear"), **alone)


def shown(values: Array) -> list[float]:
    """The shortest decimal numbers that round to these float32."""
    return [float(str(value)) for value in values]


def main() -> None:
    check_philox()
    shutil.rmtree(FOLDER, ignore_errors=True)
    cases_of_combinations()
    cases_of_sparsifiers()
    cases_of_ties()
    cases_of_slerp()
    cases_of_range()
    cases_of_mixed_dtypes()
    cases_published()
    cases_of_many_blocks()
    check_sizes(FOLDER, LIMIT_BYTES)


if __name__ == "__main__":
    main()
