# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["mergekit==0.1.5", "pydantic==2.14.3", "safetensors==0.8.0", "torch==2.13.0", "transformers==5.23.0"]
# ///
"""Writes golden merges by the published mergekit: small Llama-shaped models, recipes, and what mergekit makes of them.

    uv run scripts/golden_mergekit.py test/golden/mergekit

or, with the packages above in an environment of its own, `python scripts/golden_mergekit.py test/golden/mergekit`.
It replaces the folder whole, or with names of cases after it only those. It writes

    models/NAME   float32 safetensors and a config.json; every weight in them is random
    cases/NAME    recipe.yml, whose paths are those from the folder of the models; expected.safetensors, what mergekit
                  makes of it in float32; layers.json, the number of layers that its config.json tells of

Cases whose names begin with `example_` are the recipes of mergekit's own examples over the small models.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import yaml
from mergekit.config import MergeConfiguration
from mergekit.merge import run_merge
from mergekit.options import MergeOptions
from safetensors.torch import load_file, save_file

HIDDEN, INNER, VOCABULARY, HEADS = 8, 12, 16, 2


def config(layers, vocabulary=VOCABULARY, tied=False):
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": HIDDEN,
        "intermediate_size": INNER,
        "num_hidden_layers": layers,
        "num_attention_heads": HEADS,
        "num_key_value_heads": 1,
        "head_dim": HIDDEN // HEADS,
        "vocab_size": vocabulary,
        "max_position_embeddings": 32,
        "rms_norm_eps": 1e-5,
        "hidden_act": "silu",
        "rope_theta": 10000.0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "tie_word_embeddings": tied,
        "torch_dtype": "float32",
    }


def shapes(layers, vocabulary=VOCABULARY, tied=False):
    yield "model.embed_tokens.weight", (vocabulary, HIDDEN)
    for layer in range(layers):
        prefix = f"model.layers.{layer}."
        yield prefix + "input_layernorm.weight", (HIDDEN,)
        yield prefix + "self_attn.q_proj.weight", (HIDDEN, HIDDEN)
        yield prefix + "self_attn.k_proj.weight", (HIDDEN // 2, HIDDEN)
        yield prefix + "self_attn.v_proj.weight", (HIDDEN // 2, HIDDEN)
        yield prefix + "self_attn.o_proj.weight", (HIDDEN, HIDDEN)
        yield prefix + "post_attention_layernorm.weight", (HIDDEN,)
        yield prefix + "mlp.gate_proj.weight", (INNER, HIDDEN)
        yield prefix + "mlp.up_proj.weight", (INNER, HIDDEN)
        yield prefix + "mlp.down_proj.weight", (HIDDEN, INNER)
    yield "model.norm.weight", (HIDDEN,)
    if not tied:
        yield "lm_head.weight", (vocabulary, HIDDEN)


def numbers(seed, shape, spread, centre=0.0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator) * spread + centre


def make_models(folder):
    """A base of two layers, three models tuned from it, a tied one, one of four layers and one of more words."""
    base = {
        name: numbers(1000 + number, shape, 0.4, 1.0 if "norm" in name else 0.0)
        for number, (name, shape) in enumerate(shapes(2))
    }
    models = {"base": (config(2), base)}
    for seed, name in enumerate(["a", "b", "c"], start=2):
        tuned = {
            key: value + numbers(1000 * seed + number, value.shape, 0.05 * seed)
            for number, (key, value) in enumerate(base.items())
        }
        models[name] = (config(2), tuned)
    tied = {key: value.clone() for key, value in models["c"][1].items() if key != "lm_head.weight"}
    models["tied"] = (config(2, tied=True), tied)
    models["tied_too"] = (
        config(2, tied=True),
        {key: value + numbers(7000 + n, value.shape, 0.1) for n, (key, value) in enumerate(tied.items())},
    )
    deep = {
        name: numbers(9000 + number, shape, 0.4, 1.0 if "norm" in name else 0.0)
        for number, (name, shape) in enumerate(shapes(4))
    }
    models["deep"] = (config(4), deep)
    models["deep_too"] = (
        config(4),
        {key: value + numbers(9500 + n, value.shape, 0.1) for n, (key, value) in enumerate(deep.items())},
    )
    for name, (settings, tensors) in models.items():
        place = folder / name
        place.mkdir(parents=True)
        (place / "config.json").write_text(json.dumps(settings, indent=2) + "\n")
        save_file(tensors, place / "model.safetensors", {"format": "pt"})


def listed(*names, **parameters):
    """Entries of `models`; a parameter is one value for all, or a list with one value each."""
    entries = []
    for number, name in enumerate(names):
        own = {key: value[number] for key, value in parameters.items()}
        entries.append({"model": name, **({"parameters": own} if own else {})})
    return entries


def task_vectors(method, parameters=None, **own):
    own = {"weight": [0.6, 0.4, 1.0], **own}
    return {
        "merge_method": method,
        "base_model": "base",
        "models": listed("a", "b", "c", **own),
        **({"parameters": parameters} if parameters else {}),
    }


def source(model, start, end, **parameters):
    return {"model": model, "layer_range": [start, end], **({"parameters": parameters} if parameters else {})}


HALF = {"density": [0.5, 0.5, 0.5]}
GRADIENT = [
    {"filter": "self_attn", "value": [0, 0.5, 0.3, 0.7, 1]},
    {"filter": "mlp", "value": [1, 0.5, 0.7, 0.3, 0]},
    {"value": 0.5},
]
CASES = {
    "linear": {"merge_method": "linear", "models": listed("a", "b", "c", weight=[0.6, 0.4, 1.0])},
    "linear_sum": {
        "merge_method": "linear",
        "models": listed("a", "b", "c", weight=[0.6, 0.4, 1.0]),
        "parameters": {"normalize": False},
    },
    "linear_base_listed": {
        "merge_method": "linear",
        "base_model": "base",
        "models": listed("a", "b", weight=[0.6, 0.4]),
        "parameters": {"weight": 0.5},
    },
    "slerp": {
        "merge_method": "slerp",
        "base_model": "a",
        "models": listed("a", "b"),
        "parameters": {"t": 0.3},
    },
    "nuslerp": {"merge_method": "nuslerp", "models": listed("a", "b", weight=[0.7, 0.3])},
    "nuslerp_base": {
        "merge_method": "nuslerp",
        "base_model": "base",
        "models": listed("a", "b", weight=[0.7, 0.3]),
    },
    "nuslerp_last_axis": {
        "merge_method": "nuslerp",
        "models": listed("a", "b", weight=[0.7, 0.3]),
        "parameters": {"nuslerp_flatten": False, "nuslerp_row_wise": False},
    },
    "nuslerp_first_axis": {
        "merge_method": "nuslerp",
        "models": listed("a", "b", weight=[0.7, 0.3]),
        "parameters": {"nuslerp_flatten": False, "nuslerp_row_wise": True},
    },
    "multislerp": {"merge_method": "multislerp", "models": listed("a", "b", "c", weight=[0.6, 0.4, 1.0])},
    "multislerp_base": task_vectors("multislerp"),
    "multislerp_unnormalized": {
        "merge_method": "multislerp",
        "models": listed("a", "b", "c", weight=[0.6, 0.4, 1.0]),
        "parameters": {"normalize_weights": False},
    },
    "karcher": {"merge_method": "karcher", "models": listed("a", "b", "c")},
    "karcher_strict": {
        "merge_method": "karcher",
        "models": listed("a", "b", "c"),
        "parameters": {"max_iter": 30, "tol": 1e-7},
    },
    "task_arithmetic": task_vectors("task_arithmetic"),
    "task_arithmetic_normalized": task_vectors("task_arithmetic", {"lambda": 0.5, "normalize": True}),
    "ties": task_vectors("ties", **HALF),
    "ties_sum": task_vectors("ties", {"normalize": False}, **HALF),
    "ties_rescaled": task_vectors("ties", {"rescale": True, "lambda": 0.7}, **HALF),
    "ties_densities": task_vectors("ties", density=[0.9, 0.3, 0.6]),
    "ties_negative_weight": task_vectors("ties", weight=[0.6, -0.4, 1.0], **HALF),
    "dare_ties_all": task_vectors("dare_ties", density=[1.0, 1.0, 1.0]),
    "dare_linear_all": task_vectors("dare_linear", density=[1.0, 1.0, 1.0]),
    "della_all": task_vectors("della", density=[1.0, 1.0, 1.0]),
    "della_linear_all": task_vectors("della_linear", density=[1.0, 1.0, 1.0]),
    "breadcrumbs": task_vectors("breadcrumbs", gamma=[0.2, 0.2, 0.2], **HALF),
    "breadcrumbs_ties": task_vectors("breadcrumbs_ties", gamma=[0.2, 0.2, 0.2], **HALF),
    "breadcrumbs_rescaled": task_vectors("breadcrumbs", {"rescale": True}, gamma=[0.2, 0.2, 0.2], **HALF),
    "model_stock": {"merge_method": "model_stock", "base_model": "base", "models": listed("a", "b", "c")},
    "model_stock_filter_wise": {
        "merge_method": "model_stock",
        "base_model": "base",
        "models": listed("a", "b", "c"),
        "parameters": {"filter_wise": True},
    },
    "sce": {"merge_method": "sce", "base_model": "base", "models": listed("a", "b", "c")},
    "sce_topk": {
        "merge_method": "sce",
        "base_model": "base",
        "models": listed("a", "b", "c"),
        "parameters": {"select_topk": 0.5},
    },
    "arcee_fusion": {"merge_method": "arcee_fusion", "base_model": "base", "models": listed("base", "a")},
    "nearswap": {
        "merge_method": "nearswap",
        "base_model": "base",
        "models": listed("base", "a"),
        "parameters": {"t": 0.05},
    },
    "passthrough": {
        "merge_method": "passthrough",
        "models": [{"model": "a", "parameters": {"scale": [{"filter": "o_proj", "value": 0}, {"value": 1}]}}],
    },
    "ram": {"merge_method": "ram", "base_model": "base", "models": listed("a", "b", "c")},
    "ram_epsilon": {
        "merge_method": "ram",
        "base_model": "base",
        "models": listed("a", "b", "c"),
        "parameters": {"epsilon": 0.1},
    },
    "ramplus_tl": {
        "merge_method": "ramplus_tl",
        "base_model": "base",
        "models": listed("a", "b", "c"),
        "parameters": {"epsilon": 0.1, "r": 0.2, "alpha": 0.5},
    },
    # Gradients, filters and precedence (sections 1.4 and 1.5).
    "gradient": {
        "merge_method": "slerp",
        "base_model": "deep",
        "models": listed("deep", "deep_too"),
        "parameters": {"t": [0, 0.2, 1]},
    },
    "gradient_per_model": {
        "merge_method": "task_arithmetic",
        "base_model": "deep",
        "models": [
            {"model": "deep"},
            {"model": "deep_too", "parameters": {"weight": [{"filter": "mlp", "value": [1, 0]}, {"value": 0.25}]}},
        ],
    },
    "precedence": {
        "merge_method": "linear",
        "slices": [
            {
                "sources": [source("a", 0, 1, weight=0.2), source("b", 0, 1)],
                "parameters": {"weight": 0.7, "normalize": False},
            },
            {"sources": [source("a", 1, 2), source("b", 1, 2, weight=0.9)]},
        ],
        "parameters": {"weight": [{"filter": "self_attn", "value": 0.4}, {"value": 0.1}], "normalize": True},
    },
    # Slices and tied weights (section 3).
    "stacked": {
        "merge_method": "passthrough",
        "slices": [{"sources": [source("a", 0, 1)]}, {"sources": [source("b", 0, 2)]}, {"sources": [source("deep", 1, 3)]}],
    },
    "slices_of_ranges": {
        "merge_method": "slerp",
        "base_model": "deep",
        "slices": [{"sources": [source("deep", 1, 3), source("a", 0, 2)]}],
        "parameters": {"t": [0.1, 0.9]},
    },
    "tied": {"merge_method": "linear", "models": listed("tied", "tied_too", weight=[0.5, 0.5])},
    # mergekit's example recipes, over the small models.
    "example_arcee_fusion": {"models": listed("a", "b"), "merge_method": "arcee_fusion", "base_model": "a"},
    "example_bio_merge": {
        "models": listed("a", "b", density=[0.5, 0.5], weight=[0.5, 0.5]),
        "merge_method": "ties",
        "base_model": "base",
        "parameters": {"normalize": False, "int8_mask": True},
    },
    "example_gradient_slerp": {
        "slices": [{"sources": [source("deep", 0, 4), source("deep_too", 0, 4)]}],
        "merge_method": "slerp",
        "base_model": "deep",
        "parameters": {"t": GRADIENT},
    },
    "example_linear": {"models": listed("a", "b", "c", weight=[1.0, 0.3, 0.5]), "merge_method": "linear"},
    "example_stacked_layers": {
        "slices": [{"sources": [source("deep", 0, 3)]}, {"sources": [source("deep_too", 1, 4)]}],
        "merge_method": "passthrough",
    },
    "example_ties": {
        "models": [
            {"model": "a", "parameters": {"density": [1, 0.7, 0.1], "weight": 1.0}},
            {"model": "b", "parameters": {"density": 0.5, "weight": [0, 0.3, 0.7, 1]}},
            {
                "model": "c",
                "parameters": {"density": 0.33, "weight": [{"filter": "mlp", "value": 0.5}, {"value": 0}]},
            },
        ],
        "merge_method": "ties",
        "base_model": "base",
        "parameters": {"normalize": True, "int8_mask": True},
    },
}


def make_case(name, recipe, folder):
    recipe = {**recipe, "dtype": "float32"}
    text = yaml.safe_dump(recipe, sort_keys=False)
    with tempfile.TemporaryDirectory() as out:
        options = MergeOptions(copy_tokenizer=False, write_model_card=False, quiet=True, random_seed=1, num_threads=1)
        run_merge(MergeConfiguration.model_validate(yaml.safe_load(text)), out, options)
        tensors = load_file(Path(out) / "model.safetensors")
        layers = json.loads((Path(out) / "config.json").read_text())["num_hidden_layers"]
    case = folder / name
    case.mkdir(parents=True)
    (case / "recipe.yml").write_text(text)
    (case / "layers.json").write_text(f"{layers}\n")
    # Shared tensors are cloned: a tied head is stored by name like any other.
    save_file({key: tensors[key].clone().contiguous() for key in sorted(tensors)}, case / "expected.safetensors")


def main():
    folder = Path(sys.argv[1]).resolve()
    only = sys.argv[2:]
    if not only:
        shutil.rmtree(folder, ignore_errors=True)
        make_models(folder / "models")
    os.chdir(folder / "models")
    for name, recipe in CASES.items():
        if only and name not in only:
            continue
        try:
            make_case(name, recipe, folder / "cases")
        except Exception as error:  # What mergekit refuses or crashes on is told, and is no golden case.
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)


main()
