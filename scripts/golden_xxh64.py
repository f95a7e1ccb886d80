# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["xxhash==4.1.0"]
# ///
"""Writes test/golden/xxh64/hashes.json: XXH64 with the seed 0 as xxHash itself, in the Python package, makes it.

    uv run scripts/golden_xxh64.py

or, with the package above in any Python 3.11, `python scripts/golden_xxh64.py`. Hashed are the first bytes of one
pattern: every length up to 222, and some around a block of a tensor. The pattern is the one of xxHash's own sanity
check, whose published hashes are checked here.
"""

import json
from pathlib import Path

import xxhash

FILE = Path(__file__).resolve().parent.parent / "test" / "golden" / "xxh64" / "hashes.json"

LENGTHS = [*range(223), 65_535, 65_536, 65_537, 131_072]

# Source: https://github.com/Cyan4973/xxHash, `XSUM_XXH64_testdata` in the sanity check of xxhsum.
PUBLISHED = {
    0: "ef46db3751d8e999",
    1: "e934a84adb052768",
    4: "9136a0dca57457ee",
    14: "8282dcc4994e35c8",
    222: "b641ae8cb691c174",
}


def pattern(length: int) -> bytes:
    """The pattern of `XSUM_fillTestBuffer`: the top byte of a number that is multiplied from byte to byte."""
    state, result = 2_654_435_761, bytearray()
    for _ in range(length):
        result.append(state >> 56)
        state = state * 11_400_714_785_074_694_797 % 2**64
    return bytes(result)


def main() -> None:
    data = pattern(max(LENGTHS))
    hashes = {length: xxhash.xxh64_hexdigest(data[:length]) for length in LENGTHS}
    for length, published in PUBLISHED.items():
        assert hashes[length] == published, f"{length} bytes: {hashes[length]}, published as {published}"
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(hashes, indent=1) + "\n")


if __name__ == "__main__":
    main()
