"""Trains the three checkpoints that `npm run demo` merges, and writes what torch scores them.

    apt-get install bible-kjv=4.38 bible-kjv-text=4.38
    python3.11 -m venv ../venv-demo
    ../venv-demo/bin/pip install torch==2.13.0 numpy==2.4.6
    OMP_NUM_THREADS=2 ../venv-demo/bin/python scripts/train-demo.py

Made with CPython 3.11.7: its standard library is half of the training text, and another version
gives other checkpoints. The other half is the King James Bible, printed by Debian's `bible`.
The seed is fixed, so one machine gives the same files again; another processor may round otherwise
and so end with slightly different models and figures.
"""

import ast
import copy
import json
import math
import re
import struct
import subprocess
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

DEMO = Path(__file__).resolve().parent.parent / "examples" / "demo"
SEED = 20
THREADS = 2

# --- The model ---------------------------------------------------------------------------------

WIDTH = 128
LAYERS = 3
HEADS = 4
HEAD_WIDTH = WIDTH // HEADS
FEED_FORWARD = 352
FIRST_BYTE = 3  # tokens 0, 1 and 2 are pad, begin and end, which the demo never uses
VOCABULARY = 256 + FIRST_BYTE
WINDOW_BYTES = 256
ROPE_BASE = 10000.0
NORM_EPSILON = 1e-5


class RmsNorm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + NORM_EPSILON) * self.weight


def rope_tables(positions: int) -> tuple[Tensor, Tensor]:
    inverse = 1.0 / ROPE_BASE ** (torch.arange(0, HEAD_WIDTH, 2).float() / HEAD_WIDTH)
    angles = torch.outer(torch.arange(positions).float(), inverse).repeat(1, 2)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    first, second = x.chunk(2, dim=-1)
    return x * cosines + torch.cat([-second, first], dim=-1) * sines


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.q_proj = nn.Linear(WIDTH, WIDTH, bias=False)
        self.k_proj = nn.Linear(WIDTH, WIDTH, bias=False)
        self.v_proj = nn.Linear(WIDTH, WIDTH, bias=False)
        self.o_proj = nn.Linear(WIDTH, WIDTH, bias=False)

    def forward(self, x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
        batch, positions, _ = x.shape

        def heads(projection: nn.Linear) -> Tensor:
            return projection(x).view(batch, positions, HEADS, HEAD_WIDTH).transpose(1, 2)

        query = rotate(heads(self.q_proj), cosines, sines)
        key = rotate(heads(self.k_proj), cosines, sines)
        mixed = F.scaled_dot_product_attention(query, key, heads(self.v_proj), is_causal=True)
        return self.o_proj(mixed.transpose(1, 2).reshape(batch, positions, WIDTH))


class FeedForward(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(WIDTH, FEED_FORWARD, bias=False)
        self.up_proj = nn.Linear(WIDTH, FEED_FORWARD, bias=False)
        self.down_proj = nn.Linear(FEED_FORWARD, WIDTH, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.input_layernorm = RmsNorm()
        self.self_attn = Attention()
        self.post_attention_layernorm = RmsNorm()
        self.mlp = FeedForward()

    def forward(self, x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), cosines, sines)
        return x + self.mlp(self.post_attention_layernorm(x))


class Decoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(VOCABULARY, WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = RmsNorm()

    def forward(self, tokens: Tensor) -> Tensor:
        cosines, sines = rope_tables(tokens.shape[1])
        x = self.embed_tokens(tokens)
        for layer in self.layers:
            x = layer(x, cosines, sines)
        return self.norm(x)


class Llama(nn.Module):
    """Its parameters carry the names that a LlamaForCausalLM checkpoint has."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Decoder()
        self.lm_head = nn.Linear(WIDTH, VOCABULARY, bias=False)
        for parameter in self.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.02 if parameter.shape[0] == VOCABULARY else 0.06)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.lm_head(self.model(tokens))


CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "attention_bias": False,
    "attention_dropout": 0.0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "head_dim": HEAD_WIDTH,
    "hidden_act": "silu",
    "hidden_size": WIDTH,
    "initializer_range": 0.02,
    "intermediate_size": FEED_FORWARD,
    "max_position_embeddings": WINDOW_BYTES,
    "mlp_bias": False,
    "model_type": "llama",
    "num_attention_heads": HEADS,
    "num_hidden_layers": LAYERS,
    "num_key_value_heads": HEADS,
    "pad_token_id": 0,
    "rms_norm_eps": NORM_EPSILON,
    "rope_scaling": None,
    "rope_theta": ROPE_BASE,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
    "use_cache": True,
    "vocab_size": VOCABULARY,
}

# --- The text ----------------------------------------------------------------------------------

HELD_OUT_BYTES = 2048
HELD_OUT_BOOK = "Ruth"
HELD_OUT_MODULE = "filecmp.py"
# The numbers in "The training" were compared by the scores on these two.
TUNING_BOOK = "Jonah"
TUNING_MODULE = "shlex.py"
SKIPPED_FOLDERS = {"test", "tests", "idlelib", "lib2to3", "site-packages", "pydoc_data"}
SKIPPED_FOLDERS |= {"encodings", "turtledemo", "__pycache__"}


@dataclass
class Domain:
    name: str
    training: bytes
    tuning: bytes
    held_out: bytes


def bible() -> Domain:
    """One verse a line, without its number; whole books held out."""
    command = ["bible", "-f", "gen1:1-rev22:21"]
    printed = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
    books: dict[str, list[str]] = {}
    for line in printed.stdout.decode("ascii").splitlines():
        reference, verse = line.split(" ", 1)
        book = re.sub(r"\d+:\d+$", "", reference)
        books.setdefault(book, []).append(verse.strip() + "\n")
    text = {book: "".join(verses).encode() for book, verses in books.items()}
    held_out, tuning = text.pop(HELD_OUT_BOOK), text.pop(TUNING_BOOK)
    return Domain("bible", b"".join(text.values()), tuning, held_out)


def bare_source(source: str) -> bytes:
    """The code alone: no comments, no docstrings, one way of spacing and quoting."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            if ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:] or [ast.Pass()]
    return (ast.unparse(tree) + "\n").encode()


def python() -> Domain:
    """CPython's standard library, comments and docstrings taken out; whole modules held out."""
    root = Path(sysconfig.get_path("stdlib"))
    text: dict[str, bytes] = {}
    for path in sorted(root.rglob("*.py")):
        relative = path.relative_to(root)
        if SKIPPED_FOLDERS.isdisjoint(relative.parts) and "_sysconfigdata" not in path.name:
            text[str(relative)] = bare_source(path.read_text(encoding="utf-8"))
    held_out, tuning = text.pop(HELD_OUT_MODULE), text.pop(TUNING_MODULE)
    return Domain("python", b"".join(text.values()), tuning, held_out)


def whole_lines(text: bytes, limit: int) -> bytes:
    return text[: text.rindex(b"\n", 0, limit) + 1]


def tokens_of(text: bytes) -> Tensor:
    return torch.frombuffer(bytearray(text), dtype=torch.uint8).long() + FIRST_BYTE


# --- The training ------------------------------------------------------------------------------

BATCH = 16
BASE_STEPS = 800
BASE_RATE = 3e-3
TUNED_STEPS = 600
# Higher rates make better parents that forget more of the other domain, so that their average gains
# less. The Bible costs the model more of its Python than Python of its Bible: hence a lower rate.
TUNED_RATES = {"bible": 2e-4, "python": 3e-4}
WARM_UP_STEPS = 50


def batch_of(texts: list[Tensor]) -> tuple[Tensor, Tensor]:
    windows = []
    for index in range(BATCH):
        text = texts[index % len(texts)]
        start = int(torch.randint(len(text) - WINDOW_BYTES, (1,)))
        windows.append(text[start : start + WINDOW_BYTES + 1])
    stacked = torch.stack(windows)
    return stacked[:, :-1], stacked[:, 1:]


def train(model: Llama, texts: list[Tensor], steps: int, rate: float, decay: bool) -> None:
    """`decay` lets the rate fall to nothing; the base keeps its rate, so it stops unfinished."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.95), weight_decay=0.05)
    for step in range(steps):
        fall = 0.5 * (1 + math.cos(math.pi * step / steps)) if decay else 1.0
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / WARM_UP_STEPS) * fall
        inputs, targets = batch_of(texts)
        loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 100 == 99:
            print(f"  step {step + 1}: {loss.item() / math.log(2):.3f} bits per byte", flush=True)


def tuned_from(base: Llama, text: Tensor, rate: float) -> Llama:
    tuned = copy.deepcopy(base)
    train(tuned, [text], TUNED_STEPS, rate, decay=True)
    return tuned


# --- The files ---------------------------------------------------------------------------------


def rounded(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().bfloat16() for name, tensor in state.items()}


def average(a: dict[str, Tensor], b: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: ((a[name].float() + b[name].float()) / 2).bfloat16() for name in a}


def save(state: dict[str, Tensor], folder: Path) -> None:
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name in sorted(state):
        span = state[name].contiguous().view(torch.int16).numpy().tobytes()
        offsets = [len(data), len(data) + len(span)]
        header[name] = {"dtype": "BF16", "shape": list(state[name].shape), "data_offsets": offsets}
        data += span
    encoded = json.dumps(header, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % 8)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(encoded)) + encoded + data)
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")


@torch.no_grad()
def score(state: dict[str, Tensor], text: bytes) -> dict[str, float]:
    """Window after window; each byte but the first is foretold once. score.ts does the same."""
    model = Llama()
    model.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    tokens = tokens_of(text)
    foretold = len(tokens) - 1
    nats, hits = 0.0, 0
    for start in range(0, foretold, WINDOW_BYTES):
        window = tokens[start : start + WINDOW_BYTES + 1]
        logits, targets = model(window[None, :-1])[0], window[1:]
        nats += F.cross_entropy(logits, targets, reduction="sum").item()
        hits += int((logits[:, FIRST_BYTE:].argmax(-1) + FIRST_BYTE == targets).sum())
    return {"bitsPerByte": nats / math.log(2) / foretold, "accuracy": hits / foretold}


def main() -> None:
    torch.set_num_threads(THREADS)
    torch.manual_seed(SEED)
    started = time.monotonic()
    domains = [bible(), python()]
    texts = [tokens_of(domain.training) for domain in domains]
    print(f"training text: {[len(text) for text in texts]} bytes; the base:", flush=True)
    base = Llama()
    train(base, texts, BASE_STEPS, BASE_RATE, decay=False)
    states = {"base": rounded(base.state_dict())}
    for domain, text in zip(domains, texts):
        print(f"{domain.name}:", flush=True)
        tuned = tuned_from(base, text, TUNED_RATES[domain.name])
        states[domain.name] = rounded(tuned.state_dict())
    for name, state in states.items():
        save(state, DEMO / "models" / name)
    states["merged"] = average(states["bible"], states["python"])

    (DEMO / "text").mkdir(exist_ok=True)
    expected: dict[str, dict[str, dict[str, float]]] = {name: {} for name in states}
    for domain in domains:
        held_out = whole_lines(domain.held_out, HELD_OUT_BYTES)
        (DEMO / "text" / f"{domain.name}.txt").write_bytes(held_out)
        for name, state in states.items():
            tuning, final = score(state, domain.tuning), score(state, held_out)
            expected[name][domain.name] = final
            print(f"{name} on {domain.name}: {final}; tuning text: {tuning['bitsPerByte']:.3f}")
    (DEMO / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
