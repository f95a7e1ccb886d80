# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = [
#   "accelerate==1.15.0", "ml_dtypes==0.6.0", "numpy==2.4.6", "paddlepaddle==3.3.1", "peft==0.21.2",
#   "safetensors==0.8.0", "torch==2.13.0", "transformers==5.23.0",
# ]
# ///
"""Writes the golden cases of adapters: a base, an adapter as its own library saves it, and the weights of both merged.

    uv run scripts/golden_adapters.py

or, with the packages above (PyPI has them all; torch's CPU build is enough) in an environment of its own:

    python3.11 -m venv ../venv-golden
    ../venv-golden/bin/pip install accelerate==1.15.0 ml_dtypes==0.6.0 numpy==2.4.6 paddlepaddle==3.3.1 \
        peft==0.21.2 safetensors==0.8.0 torch==2.13.0 transformers==5.23.0
    ../venv-golden/bin/python scripts/golden_adapters.py

It replaces test/golden/adapters/ whole; one machine gives the same bytes again. Each case has a folder:

    base/                 a tiny model of random weights, under the names its own library gives them
    adapter/              what PEFT's `save_pretrained` writes, or PaddleNLP's; every weight in it is random
    expected.safetensors  what `merge_and_unload` of PEFT makes of the base and the *saved* adapter, in float32

Bases and adapters of 16 bits are widened to float32 first; the result is rounded once to the base's type. Where
PaddleNLP would merge, NumPy computes in float64 and rounds once. Cases below refused/ have no expected weights but
an expected.json: what of the adapter it is that no merge of weights can express, or that does not fit the base.
"""

import contextlib
import json
import math
import os
import shutil
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import ml_dtypes  # noqa: F401  (NumPy knows bfloat16 by it)
import numpy as np
import paddle
import peft
import torch
import transformers
from golden_linear import (
    BF16,
    F16,
    F32,
    Array,
    Tensors,
    check_sizes,
    numbers,
    rounded,
    safetensors_bytes,
    write_checkpoint,
)
from peft import LoraConfig, PeftModel, get_peft_model
from torch import nn

FOLDER = Path(__file__).resolve().parent.parent / "test" / "golden" / "adapters"
LIMIT_BYTES = 3_000_000

ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
MLP = ["gate_proj", "up_proj", "down_proj"]

# --- The models --------------------------------------------------------------------------------

# Small, and no two lengths equal but those of a square attention projection.
WIDTHS = {"hidden_size": 16, "intermediate_size": 24, "num_attention_heads": 4, "num_key_value_heads": 2}
TOKENS = {"vocab_size": 40, "bos_token_id": 1, "eos_token_id": 2}


def llama(layers: int = 2, **changes) -> nn.Module:
    settings = WIDTHS | TOKENS | {"num_hidden_layers": layers, "tie_word_embeddings": False} | changes
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(**settings))


def llama_without_head() -> nn.Module:
    settings = WIDTHS | TOKENS | {"num_hidden_layers": 1, "tie_word_embeddings": False}
    return transformers.LlamaModel(transformers.LlamaConfig(**settings))


def qwen2() -> nn.Module:
    """Has biases on q, k and v alone."""
    settings = WIDTHS | TOKENS | {"num_hidden_layers": 1, "tie_word_embeddings": False}
    return transformers.Qwen2ForCausalLM(transformers.Qwen2Config(**settings))


def gpt2(**changes) -> nn.Module:
    """Its `Conv1D` keeps weights as [in, out]; the head is tied to the embedding and so not in the base."""
    settings = {"n_embd": 16, "n_layer": 1, "n_head": 4, "n_positions": 8, "n_inner": 24} | TOKENS | changes
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(**settings))


def gpt2_untied() -> nn.Module:
    return gpt2(tie_word_embeddings=False)


class ConvNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3)
        self.conv2 = nn.Conv2d(8, 12, 1)
        self.conv3 = nn.Conv2d(12, 6, (1, 3), stride=2, padding=1)
        self.wave = nn.Conv1d(6, 10, 5)
        self.head = nn.Linear(10, 7)


class GroupedConvNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(8, 12, 3, groups=2)


class Experts(nn.Module):
    """Weights of many matrices in one parameter, as mixtures of experts hold them."""

    def __init__(self) -> None:
        super().__init__()
        self.gate_up = nn.Parameter(torch.zeros(2, 16, 24))


class Mixture(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.router = nn.Linear(16, 2, bias=False)
        self.experts = Experts()


def random_of(case: str, part: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(f"{case}/{part}".encode()))


def base_weights(model: nn.Module, case: str, dtype: np.dtype) -> Tensors:
    """Random weights for everything that the model's own library saves: tied ones once."""
    rng, weights, seen = random_of(case, "base"), {}, set()
    for name, tensor in model.state_dict().items():
        if tensor.data_ptr() not in seen:
            weights[name] = numbers(rng, tuple(tensor.shape), dtype, least=-5, most=0)
        seen.add(tensor.data_ptr())
    return weights


def load(model: nn.Module, weights: Tensors) -> nn.Module:
    state = {name: torch.from_numpy(x.astype(F32)) for name, x in weights.items()}
    assert not model.load_state_dict(state, strict=False).unexpected_keys
    # PEFT puts it into adapter_config.json, and reads the size of the vocabulary there.
    model.name_or_path = "base"
    return model


def train(model: nn.Module, case: str) -> None:
    """Random values for all that training would change, so that every part of an adapter shows."""
    rng = random_of(case, "adapter")
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            values = numbers(rng, tuple(parameter.shape), F32, least=-4, most=0)
            if "lora_magnitude_vector" in name:
                values = np.abs(values) * np.float32(4)
            parameter.data = torch.from_numpy(values).to(parameter.dtype)


def array_of(tensor: torch.Tensor) -> Array:
    assert tensor.dtype == torch.float32
    return tensor.detach().contiguous().numpy()


# --- PEFT's files ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Base:
    """The files of a base, where they differ from its library's plain ones."""

    dtype: np.dtype = F32
    # Name in the file for each name in the model.
    called: Callable[[str], str] = str
    # Tensors of the file that the model has no place for.
    more: Tensors = field(default_factory=dict)
    shards: list[list[str]] | None = None
    # The model in the file is another one than the adapter was made for.
    model: Callable[[], nn.Module] | None = None


def write_config(folder: Path, model: nn.Module) -> None:
    config = getattr(model, "config", None)
    content = {"architectures": [type(model).__name__]}
    if config is not None:
        kept = ["model_type", "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads"]
        kept += ["tie_word_embeddings"]
        content |= {key: getattr(config, key) for key in kept}
    (folder / "config.json").write_text(json.dumps(content, indent=2) + "\n")


def write_base(folder: Path, case: str, model: nn.Module, base: Base) -> Tensors:
    """Writes the base and loads it into `model`; returns its weights under the names of the model."""
    in_file = base.model() if base.model else model
    weights = base_weights(in_file, case, base.dtype)
    in_order = {base.called(name): x for name, x in weights.items()} | base.more
    write_checkpoint(folder, in_order, base.shards)
    write_config(folder, in_file)
    load(model, base_weights(model, case, base.dtype))
    return weights


def with_sorted_sets(config: peft.PeftConfig) -> peft.PeftConfig:
    """Sets come out in another order in every run of Python."""
    for entry in fields(config):
        if isinstance(value := getattr(config, entry.name), set):
            setattr(config, entry.name, sorted(value))
    return config


def write_adapter(
    folder: Path, case: str, model: nn.Module, config: peft.PeftConfig, adapter_dtype, name: str, save: dict
) -> None:
    model = get_peft_model(model, config, adapter_name=name, autocast_adapter_dtype=adapter_dtype is None)
    if adapter_dtype is not None:
        model = model.to(adapter_dtype)
    train(model, case)
    with_sorted_sets(model.peft_config[name])
    with contextlib.chdir(folder.parent):
        model.save_pretrained("adapter", **save)
    (folder / "README.md").unlink()
    if name != "default":
        for file in (folder / name).iterdir():
            file.rename(folder / file.name)
        (folder / name).rmdir()


def case(
    name: str,
    make: Callable[[], nn.Module],
    config: peft.PeftConfig,
    base: Base = Base(),
    adapter_dtype: torch.dtype | None = None,
    adapter_name: str = "default",
    edit: Callable[[Path], None] | None = None,
    why: str | None = None,
    **save,
) -> None:
    """One case of PEFT's; with `why` one to refuse. `edit` changes the adapter's files once they are written."""
    folder = FOLDER / name if why is None else FOLDER / "refused" / name
    torch.manual_seed(zlib.crc32(name.encode()))
    model = make()
    weights = write_base(folder / "base", name, model, base)
    write_adapter(folder / "adapter", name, model, config, adapter_dtype, adapter_name, save)
    if edit is not None:
        edit(folder / "adapter")
    if why is not None:
        write_why(folder, why)
        return
    untouched = load(make(), weights)
    merged = PeftModel.from_pretrained(untouched, str(folder / "adapter")).merge_and_unload().state_dict()
    expected = {base.called(key): rounded(array_of(merged[key]), base.dtype) for key in weights}
    changed = [key for key, x in weights.items() if not np.array_equal(expected[base.called(key)], x)]
    assert changed, name
    (folder / "expected.safetensors").write_bytes(safetensors_bytes(expected | base.more))


def write_why(folder: Path, why: str) -> None:
    (folder / "expected.json").write_text(json.dumps({"why": why}) + "\n")


def lora(target_modules, r: int = 4, lora_alpha: int = 6, **settings) -> LoraConfig:
    return LoraConfig(r=r, lora_alpha=lora_alpha, target_modules=target_modules, **settings)


def causal(target_modules, **settings) -> LoraConfig:
    return lora(target_modules, task_type="CAUSAL_LM", **settings)


# --- PEFT's cases ------------------------------------------------------------------------------


def cases_of_scale() -> None:
    case("plain", llama, causal(ATTENTION + MLP, r=8, lora_alpha=16))
    case("rslora", llama, causal(ATTENTION, r=8, lora_alpha=3, use_rslora=True, rank_pattern={"k_proj": 2}))
    # The key of a pattern is matched against the end of a module's name, whole parts of it, as a regular expression.
    ranks = {
        "q_proj": 2,
        r"layers\.1\.self_attn\.v_proj": 6,
        r".*\.0\.mlp\.(up|down)_proj": 3,
        "^model.layers.1.mlp.gate_proj": 5,
        "proj": 1,
    }
    alphas = {"k_proj": 1, r"layers\.1\..*\.(q|o)_proj": 32, "layers.0.mlp.gate_proj": 2.5, "layers.0.mlp": 99}
    case("rank-alpha-pattern", llama, causal(ATTENTION + MLP, rank_pattern=ranks, alpha_pattern=alphas))
    # Two keys match one module; the first in the file, where they are sorted, counts.
    alphas = {"v_proj": 1, r"layers\.1\.self_attn\.v_proj": 32}
    case("pattern-order", llama, causal(["v_proj"], alpha_pattern=alphas))


def cases_of_targets() -> None:
    case("all-linear", llama, causal("all-linear", exclude_modules=["down_proj", r".*\.1\.self_attn\.q_proj"]))
    pattern = r".*\.layers\.\d+\.(self_attn\.(q|v)|mlp\.up)_proj"
    case("target-regex", llama, causal(pattern, exclude_modules=r".*\.1\..*\.q_proj"))
    settings = {"layers_to_transform": [1], "layers_pattern": "layers"}
    case("layers-to-transform", llama, causal(["q_proj", "up_proj"], **settings))
    case("lm-head", llama_of_one, causal(["lm_head", "q_proj"]))
    case("embedding", llama_of_one, causal(["embed_tokens", "q_proj"], use_rslora=True))
    # The base's own weight of the embedding is not in the adapter's file.
    case("embedding-alone", llama_of_one, causal(["embed_tokens"]), save_embedding_layers=False)
    case("embedding-tied", gpt2, causal(["wte", "wpe"]))


def llama_of_one() -> nn.Module:
    return llama(layers=1)


def cases_of_dora() -> None:
    settings = {"use_dora": True}
    case("dora", llama, causal(["q_proj", "k_proj", "down_proj"], **settings))
    case("dora-embedding", llama_of_one, causal(["embed_tokens", "v_proj"], **settings))
    case("dora-gpt2", gpt2, causal(["c_attn", "attn.c_proj", "mlp.c_proj"], fan_in_fan_out=True, **settings))
    case("dora-conv", ConvNet, lora(["conv1", "conv2", "conv3", "wave", "head"], use_rslora=True, **settings))


def cases_of_whole_weights() -> None:
    case("bias-all", gpt2, causal(["c_attn", "c_fc"], fan_in_fan_out=True, bias="all"))
    case("bias-all-qwen2", qwen2, causal(["q_proj", "o_proj"], bias="all"))
    case("bias-lora-only", qwen2, causal(["q_proj", "k_proj", "o_proj"], bias="lora_only"))
    case("lora-bias", qwen2, causal(["q_proj", "v_proj"], lora_bias=True))
    case("lora-bias-gpt2", gpt2, causal(["c_attn", "c_fc"], fan_in_fan_out=True, lora_bias=True))
    case("lora-bias-conv", ConvNet, lora(["conv1", "conv2", "head"], lora_bias=True))
    case("modules-to-save-head", llama_of_one, causal(["q_proj"], modules_to_save=["lm_head"]))
    case("modules-to-save-embedding", llama_of_one, causal(["q_proj"], modules_to_save=["embed_tokens"]))
    kept = ["norm", "input_layernorm", "post_attention_layernorm"]
    case("modules-to-save-norms", llama, causal(["v_proj"], modules_to_save=kept))
    case("modules-to-save-blocks", llama_of_one, causal(["v_proj"], modules_to_save=["mlp"]))


def cases_of_layouts() -> None:
    case("conv", ConvNet, lora(["conv1", "conv2", "conv3", "wave", "head"]))
    case("gpt2", gpt2, causal(["c_attn", "c_proj", "c_fc"], fan_in_fan_out=True))
    # PEFT saves `fan_in_fan_out` as the last layer has it: here false, for the head is a Linear.
    case("gpt2-head", gpt2_untied, causal(["c_attn", "mlp.c_proj", "lm_head"], fan_in_fan_out=True))

    # The hub's `gpt2` was saved without the head, so no name starts with `transformer.`, and with its causal masks.
    masks = {"h.0.attn.bias": np.tril(np.ones((1, 1, 8, 8), F32))}
    base = Base(called=lambda key: key.removeprefix("transformer."), more=masks)
    case("gpt2-hub-names", gpt2, causal(["c_attn", "attn.c_proj"], fan_in_fan_out=True), base)
    base = Base(called=lambda key: f"model.{key}")
    config = lora(["q_proj", "up_proj"], task_type="FEATURE_EXTRACTION")
    case("adapter-without-prefix", llama_without_head, config, base)

    names = sorted(llama().state_dict())
    case("sharded-base", llama, causal(["q_proj", "down_proj"]), Base(shards=[names[1::2], names[::2]]))


def cases_of_files() -> None:
    case("bin", llama_of_one, causal(ATTENTION), safe_serialization=False)
    case("named", llama_of_one, causal(["q_proj"], modules_to_save=["norm"]), adapter_name="style")
    case("base-bf16", llama_of_one, causal(ATTENTION), Base(BF16))
    case("base-bf16-dora", llama_of_one, causal(["q_proj", "v_proj"], use_dora=True), Base(BF16))
    case("base-f16", llama_of_one, causal(["q_proj", "down_proj"]), Base(F16))
    case("adapter-bf16", llama_of_one, causal(ATTENTION), adapter_dtype=torch.bfloat16)
    case("adapter-f16", llama_of_one, causal(ATTENTION), adapter_dtype=torch.float16)
    case("both-bf16", llama_of_one, causal(ATTENTION), Base(BF16), torch.bfloat16)
    case("bin-bf16", llama_of_one, causal(MLP), adapter_dtype=torch.bfloat16, safe_serialization=False)
    case("old-config", llama_of_one, causal(["q_proj", "v_proj"]), edit=as_of_2023, safe_serialization=False)


def as_of_2023(adapter: Path) -> None:
    """The settings that PEFT 0.3 wrote, when there was no rsLoRA, DoRA or pattern of ranks."""
    file = adapter / "adapter_config.json"
    config = json.loads(file.read_text())
    kept = ["base_model_name_or_path", "bias", "fan_in_fan_out", "inference_mode", "lora_alpha", "lora_dropout"]
    kept += ["modules_to_save", "peft_type", "r", "target_modules", "task_type"]
    old = {key: config[key] for key in kept} | {"enable_lora": None, "merge_weights": False}
    file.write_text(json.dumps(old, indent=2, sort_keys=True))


def cases_of_starts() -> None:
    """Ways to start training that leave the base as it is; and one whose change of the base was undone on saving."""
    case("init-gaussian", llama_of_one, causal(["q_proj", "v_proj"], init_lora_weights="gaussian"))
    case("init-orthogonal", llama_of_one, causal(["q_proj", "v_proj"], init_lora_weights="orthogonal"))
    case_of_converted_pissa()


def case_of_converted_pissa() -> None:
    name = "pissa-converted"
    folder, start = FOLDER / name, FOLDER / name / "start"
    model = llama_of_one()
    weights = write_base(folder / "base", name, model, Base())
    model = get_peft_model(model, causal(["q_proj", "v_proj"], init_lora_weights="pissa"))
    with_sorted_sets(model.peft_config["default"]).init_lora_weights = True
    with contextlib.chdir(folder):
        model.save_pretrained("start")
        model.peft_config["default"].init_lora_weights = "pissa"
        train(model, name)
        model.save_pretrained("adapter", path_initial_model_for_weight_conversion="start")
    (folder / "adapter" / "README.md").unlink()
    shutil.rmtree(start)
    merged = PeftModel.from_pretrained(load(llama_of_one(), weights), str(folder / "adapter")).merge_and_unload()
    expected = {key: array_of(tensor) for key, tensor in merged.state_dict().items()}
    (folder / "expected.safetensors").write_bytes(safetensors_bytes(expected))


def cases_of_other_methods() -> None:
    two, task = ["q_proj", "v_proj"], {"task_type": "CAUSAL_LM"}
    case("loha", llama_of_one, peft.LoHaConfig(r=4, target_modules=two, **task), why="LoHa")
    case("lokr", llama_of_one, peft.LoKrConfig(r=4, target_modules=two, **task), why="LoKr")
    config = peft.AdaLoraConfig(init_r=4, target_r=2, total_step=10, target_modules=two, **task)
    case("adalora", llama_of_one, config, why="AdaLoRA")
    config = peft.IA3Config(target_modules=[*two, "down_proj"], feedforward_modules=["down_proj"], **task)
    case("ia3", llama_of_one, config, why="IA3")
    case("vera", llama_of_one, peft.VeraConfig(r=4, target_modules=two, **task), why="VeRA")
    case("prompt-tuning", llama_of_one, peft.PromptTuningConfig(num_virtual_tokens=5, **task), why="prompt tuning")


def cases_of_other_settings() -> None:
    two = ["q_proj", "v_proj"]
    case("pissa", llama_of_one, causal(two, init_lora_weights="pissa"), why="PiSSA")
    case("olora", llama_of_one, causal(two, init_lora_weights="olora"), why="OLoRA")
    replicated = causal(two, layer_replication=[[0, 2], [1, 2]])
    case("layer-replication", llama, replicated, why="layer_replication")
    config = lora(["router"], target_parameters=["experts.gate_up"])
    case("target-parameters", Mixture, config, why="target_parameters")
    config = causal(two, trainable_token_indices=[3, 5])
    case("trainable-tokens", llama_of_one, config, why="trainable_token_indices")
    case("alora", llama_of_one, causal(two, alora_invocation_tokens=[3, 4]), why="aLoRA")
    case("kasa", llama_of_one, causal(two, kasa_config=peft.KasaConfig()), why="KaSA")
    blocks = peft.BdLoraConfig(target_modules_bd_a=["o_proj"], target_modules_bd_b=["q_proj"], nblocks=2)
    case("bdlora", llama_of_one, causal(["q_proj", "o_proj"], use_bdlora=blocks), why="BD-LoRA")
    case("conv-groups", GroupedConvNet, lora(["conv"]), why="grouped convolution")


def cases_of_other_bases() -> None:
    two = ["q_proj", "v_proj"]
    case("other-model", llama_of_one, causal(two), Base(model=gpt2), why="no key matches the base")
    case("more-layers", llama, causal(two), Base(model=llama_of_one), why="layer not in the base")
    narrow = Base(model=lambda: llama(layers=1, hidden_size=8))
    case("other-width", llama_of_one, causal(two), narrow, why="shape")
    # PEFT saves whole embeddings when their number of rows is no longer that of the base's config.
    base = Base(model=llama_of_one)
    case("more-tokens", llama_of_more_tokens, causal(two), base, why="rows of the embedding")


def llama_of_more_tokens() -> nn.Module:
    return llama(layers=1, vocab_size=44)


# --- PaddleNLP's cases -------------------------------------------------------------------------

# The fields of PaddleNLP 3.0's LoRAConfig (paddlenlp/peft/lora/lora_config.py); it adds `scaling` on saving.
PADDLE_CONFIG = {
    "base_model_name_or_path": "base",
    "do_qat": False,
    "dtype": "float32",
    "enable_lora_list": None,
    "head_dim": None,
    "lora_alpha": 8,
    "lora_dropout": 0.0,
    "lora_plus_scale": 1.0,
    "lora_use_mixer": False,
    "loraga": False,
    "lorapro": False,
    "merge_weights": False,
    "pissa": False,
    "r": 4,
    "rslora": False,
    "target_modules": [".*q_proj.*", ".*v_proj.*", ".*down_proj.*"],
    "tensor_parallel_degree": -1,
    "trainable_bias": None,
    "trainable_modules": None,
    "use_mora": False,
    "use_quick_lora": False,
}
PADDLE_BASE = {
    "llama.embed_tokens.weight": (40, 16),
    "llama.layers.0.self_attn.q_proj.weight": (16, 16),
    "llama.layers.0.self_attn.q_proj.bias": (16,),
    "llama.layers.0.self_attn.k_proj.weight": (16, 8),
    "llama.layers.0.self_attn.v_proj.weight": (16, 8),
    "llama.layers.0.self_attn.o_proj.weight": (16, 16),
    "llama.layers.0.mlp.gate_proj.weight": (16, 24),
    "llama.layers.0.mlp.up_proj.weight": (16, 24),
    "llama.layers.0.mlp.down_proj.weight": (24, 16),
    "llama.layers.0.input_layernorm.weight": (16,),
    "llama.layers.0.post_attention_layernorm.weight": (16,),
    "llama.norm.weight": (16,),
    "lm_head.weight": (16, 40),
}
PADDLE_TARGETS = [f"llama.layers.0.{part}" for part in ("self_attn.q_proj", "self_attn.v_proj", "mlp.down_proj")]


def paddle_weights(name: str, dtype: np.dtype) -> tuple[Tensors, Tensors]:
    """A base in Paddle's layout, where matrices are [in, out], and factors A [in, r] and B [r, out] for three."""
    rng = random_of(name, "base")
    base = {key: numbers(rng, shape, dtype, least=-5, most=0) for key, shape in PADDLE_BASE.items()}
    rng, adapter = random_of(name, "adapter"), {}
    for target in PADDLE_TARGETS:
        inputs, outputs = PADDLE_BASE[f"{target}.weight"]
        adapter[f"{target}.lora_A"] = numbers(rng, (inputs, PADDLE_CONFIG["r"]), dtype, least=-4, most=0)
        adapter[f"{target}.lora_B"] = numbers(rng, (PADDLE_CONFIG["r"], outputs), dtype, least=-4, most=0)
    return base, adapter


def paddle_scaling(config: dict) -> float:
    return config["lora_alpha"] / (math.sqrt(config["r"]) if config["rslora"] else config["r"])


def paddle_merged(base: Tensors, adapter: Tensors, scaling: float) -> Tensors:
    wide = {key: x.astype(np.float64) for key, x in (base | adapter).items()}
    merged = {key: adapter.get(key, x) for key, x in base.items()}
    for target in PADDLE_TARGETS:
        key = f"{target}.weight"
        delta = wide[f"{target}.lora_A"] @ wide[f"{target}.lora_B"] * scaling
        merged[key] = rounded(wide[key] + delta, base[key].dtype)
    return merged


def save_with_paddle(tensors: Tensors, file: Path) -> None:
    """As PaddleNLP does with the state of a model."""
    paddle.save({key: paddle_tensor(x) for key, x in tensors.items()}, str(file))


def paddle_tensor(x: Array) -> paddle.Tensor:
    return paddle.to_tensor(x.astype(F32)).astype("bfloat16") if x.dtype == BF16 else paddle.to_tensor(x)


def write_pickle(folder: Path, adapter: Tensors) -> None:
    save_with_paddle(adapter, folder / "lora_model_state.pdparams")


def write_one_file(folder: Path, adapter: Tensors) -> None:
    (folder / "peft_model.safetensors").write_bytes(safetensors_bytes(adapter, "np"))


def write_shards(folder: Path, adapter: Tensors) -> None:
    folder.rmdir()
    names = list(adapter)
    write_checkpoint(folder, adapter, [names[:3], names[3:]], prefix="peft_model", form="np")


def paddle_case(
    name: str,
    write: Callable[[Path, Tensors], None] = write_pickle,
    dtype: np.dtype = F32,
    whole: list[str] | None = None,
    base_as_pickle: bool = False,
    factors: Callable[[Tensors], Tensors] | None = None,
    why: str | None = None,
    **changes,
) -> None:
    """One case of PaddleNLP's: `whole` lists weights trained without factors, `changes` are those of the config."""
    folder = FOLDER / name if why is None else FOLDER / "refused" / name
    base, adapter = paddle_weights(name, dtype)
    if factors is not None:
        adapter = factors(adapter)
    rng = random_of(name, "whole")
    adapter |= {key: numbers(rng, base[key].shape, dtype, least=-5, most=0) for key in whole or []}
    config = PADDLE_CONFIG | {"dtype": "bfloat16" if dtype == BF16 else "float32"} | changes
    scaling = paddle_scaling(config)

    (folder / "adapter").mkdir(parents=True)
    write(folder / "adapter", adapter)
    text = json.dumps(config | {"scaling": scaling}, indent=2, sort_keys=True)
    (folder / "adapter" / "lora_config.json").write_text(text)
    if base_as_pickle:
        (folder / "base").mkdir()
        save_with_paddle(base, folder / "base" / "model_state.pdparams")
    else:
        write_checkpoint(folder / "base", base, form="np")
    content = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 40, "hidden_size": 16}
    (folder / "base" / "config.json").write_text(json.dumps(content, indent=2) + "\n")
    if why is None:
        merged = paddle_merged(base, adapter, scaling)
        (folder / "expected.safetensors").write_bytes(safetensors_bytes(merged, "np"))
    else:
        write_why(folder, why)


def cases_of_paddle() -> None:
    paddle_case("paddle")
    paddle_case("paddle-rslora", rslora=True, r=4, lora_alpha=3)
    paddle_case("paddle-one-file", write_one_file, lora_alpha=16)
    paddle_case("paddle-shards", write_shards, lora_alpha=5)
    trained = ["lm_head.weight", "llama.norm.weight"]
    paddle_case("paddle-trainable-modules", whole=trained, trainable_modules=[".*lm_head.*", ".*llama.norm.*"])
    bias = ["llama.layers.0.self_attn.q_proj.bias"]
    paddle_case("paddle-trainable-bias", write_one_file, whole=bias, trainable_bias="lora")
    paddle_case("paddle-bf16", dtype=BF16)
    paddle_case("paddle-bf16-shards", write_shards, dtype=BF16, rslora=True)
    paddle_case("paddle-base-pickle", base_as_pickle=True)

    paddle_case("paddle-mora", factors=as_mora, use_mora=True, why="use_mora")
    paddle_case("paddle-mixer", factors=with_mixers, lora_use_mixer=True, why="lora_use_mixer")
    paddle_case("paddle-pissa", pissa=True, why="pissa")
    paddle_case("paddle-loraga", loraga=True, why="loraga")
    paddle_case("paddle-merged-linear", enable_lora_list=[[True, False, True]], why="enable_lora_list")
    paddle_case("paddle-tensor-parallel", write_tensor_parallel, tensor_parallel_degree=2, why="tensor_parallel_degree")


def as_mora(adapter: Tensors) -> Tensors:
    """MoRA has one square matrix in the place of two factors, of about as many elements and an even rank."""
    rng, matrices = random_of("paddle-mora", "matrices"), {}
    for key, x in adapter.items():
        if key.endswith("lora_A"):
            elements = x.size + adapter[key.removesuffix("A") + "B"].size
            rank = int(math.sqrt(elements) + 0.5) // 2 * 2
            matrices[key] = numbers(rng, (rank, rank), F32)
    return matrices


def with_mixers(adapter: Tensors) -> Tensors:
    """MosLoRA has a square matrix between the factors."""
    rng = random_of("paddle-mixer", "mixers")
    return adapter | {f"{target}.lora_AB": numbers(rng, (4, 4), F32) for target in PADDLE_TARGETS}


def write_tensor_parallel(folder: Path, adapter: Tensors) -> None:
    """One file per device, each with its half of the columns of B."""
    for rank in range(2):
        halves = {key: np.split(x, 2, axis=1)[rank] if key.endswith("B") else x for key, x in adapter.items()}
        save_with_paddle(halves, folder / f"lora_model_state.tp{rank:02d}.pdparams")


def main() -> None:
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    shutil.rmtree(FOLDER, ignore_errors=True)
    cases_of_scale()
    cases_of_targets()
    cases_of_dora()
    cases_of_whole_weights()
    cases_of_layouts()
    cases_of_files()
    cases_of_starts()
    cases_of_other_methods()
    cases_of_other_settings()
    cases_of_other_bases()
    cases_of_paddle()
    check_sizes(FOLDER, LIMIT_BYTES)


if __name__ == "__main__":
    main()
