import { plain } from "./opcodes.ts";

/** Value types of locals, parameters and results; numbers from the WebAssembly core specification, section 5.3. */
export const valueTypes = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;

export type ValueType = keyof typeof valueTypes;

const SIMD_PREFIX = 0xfd;

/** What every module starts with: "\0asm", version 1. */
const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00] as const;

/** Instructions of a function in their binary form. */
export class Code {
  readonly bytes: number[] = [];

  /** A plain instruction, operands already on the stack. */
  op(opcode: number): this {
    this.bytes.push(opcode);
    return this;
  }

  /** A vector instruction, with lane numbers or other immediate bytes. */
  simd(opcode: number, ...immediates: readonly number[]): this {
    this.bytes.push(SIMD_PREFIX, ...unsigned(opcode), ...immediates);
    return this;
  }

  /** A vector load or store at `offset` bytes from the address on the stack; any alignment will do. */
  memory(opcode: number, offset: number, ...immediates: readonly number[]): this {
    return this.simd(opcode, 0, ...unsigned(offset), ...immediates);
  }

  get(local: number): this {
    this.bytes.push(0x20, ...unsigned(local));
    return this;
  }

  set(local: number): this {
    this.bytes.push(0x21, ...unsigned(local));
    return this;
  }

  getGlobal(global: number): this {
    this.bytes.push(0x23, ...unsigned(global));
    return this;
  }

  i32(value: number): this {
    this.bytes.push(0x41, ...signed(value));
    return this;
  }

  i64(value: bigint): this {
    this.bytes.push(0x42, ...signed64(value));
    return this;
  }

  f64(value: number): this {
    this.bytes.push(0x44, ...new Uint8Array(Float64Array.of(value).buffer));
    return this;
  }

  /** Fills bytes: their address, the byte and how many there are lie on the stack. */
  fill(): this {
    this.bytes.push(0xfc, 0x0b, 0x00);
    return this;
  }

  /** A plain load or store at `offset` bytes from the address on the stack; any alignment will do. */
  load(opcode: number, offset: number): this {
    this.bytes.push(opcode, 0, ...unsigned(offset));
    return this;
  }

  /** Loads the 32-bit word at the address on the stack. */
  load32(): this {
    this.bytes.push(plain.i32Load, 2, 0);
    return this;
  }

  /** Stores the 32-bit word on the stack at the address below it. */
  store32(): this {
    this.bytes.push(plain.i32Store, 2, 0);
    return this;
  }

  append(code: Code): this {
    for (const byte of code.bytes) this.bytes.push(byte);
    return this;
  }
}

/** What a module with a single function consists of. */
export interface FunctionModule {
  readonly parameters: readonly ValueType[];
  /** Types of the locals after the parameters. */
  readonly locals: readonly ValueType[];
  /** Initial values of 32-bit globals. They are mutable, so that no compiler may fold them into the code. */
  readonly globals: readonly number[];
  readonly body: Code;
  /** Type of the value that the body leaves on the stack, if it leaves one. */
  readonly result?: ValueType;
}

/** The binary of a module that imports the memory `env.memory` and exports its function as `run`. */
export function assemble(module: FunctionModule): Uint8Array<ArrayBuffer> {
  const { parameters, locals, globals, body, result } = module;
  const types = parameters.map((type) => valueTypes[type]);
  const results = result === undefined ? [] : [valueTypes[result]];
  const localGroups = locals.map((type) => [1, valueTypes[type]]);
  const functionBody = [...vector(localGroups), ...body.bytes, 0x0b];
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(
      1,
      vector([[0x60, ...unsigned(types.length), ...types, ...unsigned(results.length), ...results]]),
    ),
    ...section(2, vector([[...text("env"), ...text("memory"), 0x02, 0x00, 0x00]])),
    ...section(3, vector([[0x00]])),
    ...section(6, vector(globals.map((value) => [valueTypes.i32, 0x01, 0x41, ...signed(value), 0x0b]))),
    ...section(7, vector([[...text("run"), 0x00, 0x00]])),
    ...section(10, vector([[...unsigned(functionBody.length), ...functionBody]])),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function text(ascii: string): number[] {
  return [...unsigned(ascii.length), ...new TextEncoder().encode(ascii)];
}

/** LEB128 of an unsigned 32-bit number. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

/** LEB128 of a signed 32-bit number. */
function signed(value: number): number[] {
  return signed64(BigInt(value | 0));
}

/** LEB128 of the signed 64-bit number with the bits of `value`. */
function signed64(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asIntN(64, value);
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}
