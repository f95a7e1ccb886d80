import {
  build,
  bytes,
  call,
  dict,
  fileOf,
  global,
  int,
  no,
  none,
  proto,
  stop,
  text,
  tuple,
  yes,
} from "./pickle-writer.ts";

// NumPy's arrays as pickled by protocol 3, which Paddle's default differs from in its shorter texts only.

/** What an array says about itself, in opcodes where it may be wrong. */
export interface ArrayParts {
  /** A whole numpy.dtype. */
  readonly dtype?: string;
  readonly shape?: string;
  readonly fortran?: string;
  readonly data?: string;
}

/** A `numpy.dtype` like `f4`. */
export function dtype(name: string, order = "<"): string {
  const object = call(global("numpy", "dtype"), text(name), no, yes);
  return build(object, tuple(int(3), text(order), none, none, none, int(-1), int(-1), int(0)));
}

/** An array; without parts, of two float32 zeros. */
export function array(parts: ArrayParts = {}): string {
  const { shape = tuple(int(2)), fortran = no, data = bytes("\0".repeat(8)) } = parts;
  const empty = call(
    global("numpy.core.multiarray", "_reconstruct"),
    global("numpy", "ndarray"),
    tuple(int(0)),
    bytes("b"),
  );
  return build(empty, tuple(int(1), shape, parts.dtype ?? dtype("f4"), fortran, data));
}

/** A .pdparams file with these entries, values in opcodes. */
export function pdparams(...entries: readonly (readonly [name: string, value: string])[]): Uint8Array {
  return fileOf(proto(3) + dict(...entries.map(([name, value]) => [text(name), value] as const)) + stop);
}

/** `bytes` of the protocols up to 2: text that stands for them. */
export function encoded(textOpcodes: string): string {
  return call(global("_codecs", "encode"), textOpcodes, text("latin1"));
}
