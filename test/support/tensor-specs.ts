import fc from "fast-check";
import { bitsOf, dtypes } from "../../src/dtype.ts";
import type { TensorSpec } from "../../src/formats/safetensors/write.ts";

/** Names that programs have tripped over, and any other text. */
const names = fc.oneof(
  fc.constantFrom(
    "",
    "__proto__",
    "constructor",
    "toString",
    "\u{1f600}",
    "\ufffd",
    "\0",
    '"',
    "\\",
    "a.b/c",
    " ",
  ),
  fc.string({ unit: "binary" }),
  fc.stringMatching(/^model\.layers\.[0-9]{1,2}\.(?:mlp|attn)\.weight$/),
);

/** Lists of tensors with different names, of every type, of few elements, some of none. */
export function tensorSpecs(): fc.Arbitrary<readonly TensorSpec[]> {
  const spec = fc
    .record({
      name: names.filter((name) => name !== "__metadata__"),
      dtype: fc.constantFrom(...dtypes),
      shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
    })
    // Elements of 4 and 6 bits fill whole bytes in fours.
    .map(({ name, dtype, shape }) => ({
      name,
      dtype,
      shape: bitsOf(dtype) % 8 === 0 ? shape : [...shape, 4],
    }));
  return fc.uniqueArray(spec, { selector: ({ name }) => name, maxLength: 20 });
}
