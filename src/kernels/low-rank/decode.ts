import { type Arithmetic, arithmeticOf, bytesOf, type DType } from "../../dtype.ts";

/** Bytes from an address that is a multiple of an element's width, made numbers. */
type Decoder = (bytes: Uint8Array, into: Float32Array) => void;

/** Types as wide as a type of the language's own are converted by the engine. */
const decoders: Readonly<Partial<Record<DType, Decoder>>> = {
  F64: ({ buffer, byteOffset }, into) => into.set(new Float64Array(buffer, byteOffset, into.length)),
  F32: ({ buffer, byteOffset }, into) => into.set(new Float32Array(buffer, byteOffset, into.length)),
  BF16: widenBfloat16,
  F16: lookedUp("F16"),
};

/**
 * Fills `into` with elements as float32, rounded to nearest, ties to even, where they are of a wider type: the values
 * of `arithmeticOf`, hundreds of times as fast. Typed arrays take the bytes for those of a little-endian processor, as
 * WebAssembly's memory always is.
 * @throws Error when `dtype` can't be computed with, or `bytes` are not exactly as many elements as `into` takes.
 */
export function decodeFloats(dtype: DType, bytes: Uint8Array, into: Float32Array): void {
  const decoder = decoders[dtype];
  if (decoder === undefined) throw new Error(`${dtype} is carried as bytes and can't be computed with`);
  if (bytes.length !== bytesOf(dtype, into.length)) {
    throw new Error(`${bytes.length} bytes of ${dtype}, and room for ${into.length} elements`);
  }
  const isAligned = bytes.byteOffset % bytesOf(dtype, 1) === 0;
  decoder(isAligned ? bytes : bytes.slice(), into);
}

/** A BF16 is the upper half of a float32. */
function widenBfloat16({ buffer, byteOffset }: Uint8Array, into: Float32Array): void {
  const words = new Uint16Array(buffer, byteOffset, into.length);
  const bits = new Int32Array(into.buffer, into.byteOffset, into.length);
  for (let index = 0; index < words.length; index++) bits[index] = words[index]! << 16;
}

/** Looks elements of 16 bits up in a table of all their values, 256 KiB, which is made when first needed. */
function lookedUp(dtype: DType): Decoder {
  let values: Float32Array | undefined;
  return ({ buffer, byteOffset }, into) => {
    const table = (values ??= valuesOf(arithmeticOf(dtype)!));
    const words = new Uint16Array(buffer, byteOffset, into.length);
    for (let index = 0; index < words.length; index++) into[index] = table[words[index]!]!;
  };
}

/** The values of all patterns of 16 bits. */
function valuesOf(arithmetic: Arithmetic): Float32Array {
  const view = new DataView(new ArrayBuffer(2));
  return Float32Array.from({ length: 2 ** 16 }, (_, pattern) => {
    view.setUint16(0, pattern, true);
    return arithmetic.decode(view, 0);
  });
}
