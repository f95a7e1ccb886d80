"""The methods' arithmetic for golden data, in float64, with how far from it a float32 computation may end.

Nothing here comes from Tensorweld. Differences to the base are rounded as its users are told (to float32, or not at
all where a float64 takes part); from there on every number is float64, and sums are exact before they are rounded.
"""

import math
from dataclasses import dataclass

import numpy as np

Array = np.ndarray

# What the last place of a precision may be off by; float64 itself is no better than the reference.
UNITS = {np.dtype(np.float32): 4, np.dtype(np.float64): 64}
# How far off magprune's probability may be, and with it what divides a kept element.
PROBABILITY = 1e-4


@dataclass(frozen=True)
class Recipe:
    """The flags of a merge that take part in its arithmetic, with their defaults."""

    sparsify: str = "none"
    merge: str = "linear"
    weight_list: list[float] | None = None
    normalize: bool = False
    reserve_p: float = 0.7
    rescale: bool = True
    epsilon: float = 0.14
    seed: int = 42
    slerp_alpha: float = 0.5
    slerp_normalize_eps: float = 1e-8
    slerp_dot_threshold: float = 0.9995
    ties_elect_type: str = "sum"

    def weights(self, models: int) -> tuple[list[float], bool]:
        """Without weights every model weighs the same, and they are normalised whatever `normalize` says."""
        return ([1.0] * models, True) if self.weight_list is None else (self.weight_list, self.normalize)


@dataclass(frozen=True)
class Sparse:
    """A tensor after sparsifying: its elements, how far off each may be in proportion, and whose fate is open."""

    values: Array
    slack: Array
    open: Array


@dataclass(frozen=True)
class Merged:
    """Elements, the largest number met on the way to each, how far off each may be beside rounding, and open ones."""

    values: Array
    largest: Array
    slack: Array
    open: Array


# --- Random numbers ----------------------------------------------------------------------------

WORD = 2**32 - 1


def philox(counter: list[Array], key: tuple[int, int]) -> list[Array]:
    """Philox 4x32-10 of Salmon, Moraes, Dror and Shaw (SC 2011), for many counters at once."""
    a, b, c, d = (np.asarray(word, np.uint64) for word in counter)
    k0, k1 = key
    for _ in range(10):
        left, right = a * np.uint64(0xD251_1F53), c * np.uint64(0xCD9E_8D57)
        a, b, c, d = (
            (right >> np.uint64(32)) ^ b ^ np.uint64(k0),
            right & np.uint64(WORD),
            (left >> np.uint64(32)) ^ d ^ np.uint64(k1),
            left & np.uint64(WORD),
        )
        k0, k1 = k0 + 0x9E37_79B9 & WORD, k1 + 0xBB67_AE85 & WORD
    return [a, b, c, d]


def check_philox() -> None:
    """Known answers of the generator's authors: kat_vectors of Random123."""
    known = [
        ([0, 0, 0, 0], (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ([WORD] * 4, (WORD, WORD), "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            (0xA4093822, 0x299F31D0),
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ]
    for counter, key, words in known:
        assert [f"{int(word):08x}" for word in philox(counter, key)] == words.split()


def random_key(seed: int, tensor: str, model: int) -> tuple[int, int]:
    """The name is absorbed four bytes at a time; the seed is the key, position and length open it."""
    name = tensor.encode()
    key = (seed & WORD, seed >> 32)
    state = philox([model, len(name), 0, 0], key)
    for at in range(0, len(name), 4):
        word = int.from_bytes(name[at : at + 4].ljust(4, b"\0"), "little")
        state = philox([state[0] ^ np.uint64(word), *state[1:]], key)
    return int(state[0]), int(state[1])


def uniforms(count: int, key: tuple[int, int]) -> Array:
    groups = np.arange((count + 3) // 4, dtype=np.uint64)
    zero = np.uint64(0)
    words = philox([groups & np.uint64(WORD), groups >> np.uint64(32), zero, zero], key)
    return (np.stack(words, axis=1).reshape(-1)[:count] >> np.uint64(8)) * 2.0**-24


# --- Sparsifying: one model's tensor, flat -----------------------------------------------------


def exact_sum(values: Array) -> float:
    return math.fsum(values.tolist())


def sparsify(d: Array, name: str, model: int, recipe: Recipe) -> Sparse:
    sure = Sparse(d, np.zeros(d.size), np.zeros(d.size, bool))
    if recipe.sparsify == "none" or d.size == 0:
        return sure
    if recipe.sparsify == "trim":
        return trim(d, recipe)
    drawn = uniforms(d.size, random_key(recipe.seed, name, model))
    if recipe.sparsify == "dare":
        chance, uncertainty = np.full(d.size, recipe.reserve_p), 2.0**-23
    else:
        if not d.any():
            return sure
        drop = (1 - recipe.reserve_p) - recipe.epsilon / 2 + recipe.epsilon * ranks(d) / d.size
        # Twice what it may be off by: nothing is asked of elements close to that.
        chance, uncertainty = 1 - drop, 2 * PROBABILITY
    values = np.where(drawn < chance, d / chance if recipe.rescale else d, 0)
    inexact = recipe.rescale and recipe.sparsify == "magprune"
    slack = PROBABILITY / chance if inexact else np.zeros(d.size)
    is_open = (np.abs(drawn - chance) <= uncertainty) & (chance < 1) & (d != 0)
    return Sparse(values, slack, is_open)


def trim(d: Array, recipe: Recipe) -> Sparse:
    magnitudes = np.abs(d)
    threshold, exact = quantile(magnitudes, 1 - recipe.reserve_p)
    kept = magnitudes >= threshold
    all_of_it, rest = exact_sum(magnitudes), exact_sum(magnitudes[kept])
    factor = all_of_it / rest if recipe.rescale and min(all_of_it, rest) >= 1e-8 else 1.0
    # An interpolated threshold may be rounded onto one of the two numbers that it lies between.
    near = np.abs(magnitudes - threshold) <= threshold * 2.0**-22
    is_open = near & (d != 0) if not exact else np.zeros(d.size, bool)
    return Sparse(np.where(kept, d * factor, 0), np.zeros(d.size), is_open)


def quantile(values: Array, share: float) -> tuple[float, bool]:
    """NumPy's default quantile, and whether it is one of the values, with nothing interpolated."""
    ordered = np.sort(values)
    position = share * (values.size - 1)
    low = math.floor(position)
    fraction = position - low
    lower, upper = ordered[low], ordered[min(low + 1, values.size - 1)]
    result = lower + (upper - lower) * fraction
    assert math.isclose(result, np.quantile(values, share), rel_tol=1e-12)
    return float(result), fraction == 0 or lower == upper


def ranks(d: Array) -> Array:
    """Each element's rank by magnitude, the largest first; equal ones share the mean of theirs."""
    _, group, counts = np.unique(-np.abs(d), return_inverse=True, return_counts=True)
    first = np.cumsum(counts) - counts
    return (first + (counts - 1) / 2)[group]


# --- Merging -----------------------------------------------------------------------------------


def weighted_sum(terms: list[Array], slacks: list[Array]) -> Merged:
    value, largest, slack = (np.zeros(terms[0].size) for _ in range(3))
    for term, relative in zip(terms, slacks, strict=True):
        value = value + term
        largest = np.maximum.reduce([largest, np.abs(term), np.abs(value)])
        slack = slack + np.abs(term) * relative
    return Merged(value, largest, slack, np.zeros(value.size, bool))


def linear(parts: list[Sparse], recipe: Recipe) -> Merged:
    weights, normalize = recipe.weights(len(parts))
    divisor = math.fsum(weights) if normalize else 1.0
    terms = [weight / divisor * part.values for weight, part in zip(weights, parts, strict=True)]
    return weighted_sum(terms, [part.slack for part in parts])


def slerp(parts: list[Sparse], recipe: Recipe) -> Merged:
    d0, d1 = (part.values for part in parts)
    t, threshold = recipe.slerp_alpha, recipe.slerp_dot_threshold
    norms = [math.sqrt(exact_sum(d * d)) for d in (d0, d1)]
    scales = [norm if norm > recipe.slerp_normalize_eps else 1.0 for norm in norms]
    cosine = exact_sum(d0 * d1) / scales[0] / scales[1]
    doubt = sum(float(part.slack.max(initial=0)) for part in parts) + 1e-9

    def factors(c: float) -> tuple[float, ...]:
        if abs(cosine) > threshold:
            return 1 - t, t
        theta = math.acos(max(-threshold, min(threshold, c)))
        # To 15 digits, so that the last place of a machine's own library of functions does not show.
        return tuple(float(f"{math.sin(share * theta) / math.sin(theta):.15g}") for share in (1 - t, t))

    assert d0.size == 0 or abs(abs(cosine) - threshold) > doubt, "too close to the threshold"
    exact, around = factors(cosine), [factors(cosine - doubt), factors(cosine + doubt)]
    # Only an inexact sparsifier leaves the cosine, and with it both factors, open.
    spread = [max(abs(f[i] - exact[i]) for f in around) if doubt > 1e-8 else 0.0 for i in (0, 1)]
    result = weighted_sum([exact[0] * d0, exact[1] * d1], [part.slack for part in parts])
    slack = result.slack + 2 * (spread[0] * np.abs(d0) + spread[1] * np.abs(d1))
    return Merged(result.values, result.largest, slack, result.open)


def ties(parts: list[Sparse], recipe: Recipe) -> Merged:
    weights, normalize = recipe.weights(len(parts))
    votes = [weight * part.values for weight, part in zip(weights, parts, strict=True)]
    most = np.maximum.reduce([np.abs(vote) for vote in votes])
    if recipe.ties_elect_type == "count":
        outcome = sum(np.sign(vote) for vote in votes)
        is_open = np.zeros(most.size, bool)
    else:
        outcome = sum(votes)
        slack = sum(np.abs(vote) * part.slack for vote, part in zip(votes, parts, strict=True))
        # Sums that cancel down to rounding; of a number and its opposite, or of exact votes, they are what they are.
        near = np.abs(outcome) <= 16 * np.spacing(most.astype(np.float32)) + slack
        opposite = (outcome == 0) & (sum(vote != 0 for vote in votes) <= 2) & (slack == 0)
        is_open = near & (most != 0) & ~opposite & ~exact_in_float32(votes)
    elected = np.where(outcome >= 0, 1, -1)
    kept = [np.sign(vote) == elected for vote in votes]
    result = weighted_sum(
        [np.where(keep, vote, 0) for keep, vote in zip(kept, votes, strict=True)], [part.slack for part in parts]
    )
    if not normalize:
        return Merged(result.values, result.largest, result.slack, is_open)
    divisor = sum(weight * keep for weight, keep in zip(weights, kept, strict=True))
    heaviest = np.maximum.reduce([abs(weight) * keep for weight, keep in zip(weights, kept, strict=True)])
    divisor = np.where(np.abs(divisor) < 1e-8, 1.0, divisor)
    # Weights that nearly cancel magnify the rounding of their sum.
    magnified = np.maximum(1, heaviest / np.abs(divisor))
    values, share = result.values / divisor, np.abs(divisor)
    return Merged(values, result.largest / share * magnified, result.slack / share, is_open)


def exact_in_float32(terms: list[Array]) -> Array:
    """Where float32 holds every term and every sum of the first of them."""
    sums = np.cumsum(terms, axis=0)
    return np.logical_and.reduce([x.astype(np.float32) == x for x in [*terms, *sums]])


MERGES = {"linear": linear, "slerp": slerp, "ties": ties}


def reference(name: str, models: list[Array], base: Array | None, recipe: Recipe, wide: np.dtype) -> Merged:
    """One tensor's merge: values, and in `slack` all that a computation in `wide` may be off by."""
    widened = [x.astype(wide).ravel() for x in models]
    own_base = np.zeros(widened[0].size, wide) if base is None else base.astype(wide).ravel()
    deltas = [x if base is None else x - own_base for x in widened]
    parts = [sparsify(d.astype(np.float64), name, model, recipe) for model, d in enumerate(deltas)]
    merged = MERGES[recipe.merge](parts, recipe)
    values = own_base.astype(np.float64) + merged.values
    largest = np.maximum.reduce([merged.largest, np.abs(own_base).astype(np.float64), np.abs(values)])
    assert np.isfinite(largest).all()
    unit = np.where(largest == 0, 0, np.spacing(largest.astype(wide)).astype(np.float64))
    is_open = np.logical_or.reduce([merged.open, *(part.open for part in parts)])
    return Merged(values, largest, merged.slack + UNITS[wide] * unit, is_open)
