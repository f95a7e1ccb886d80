// A pickle by hand: every function gives the bytes of some opcodes as a string of Latin-1, a character for a byte, so
// that they are put together by `+`, and broken on purpose just as easily. Nothing is checked.

export const stop = ".";
export const mark = "(";
export const none = "N";
export const yes = "\x88";
export const no = "\x89";
export const emptyDict = "}";

/** The file that `pickle` spells out. */
export function fileOf(pickle: string): Uint8Array {
  return new Uint8Array(Buffer.from(pickle, "latin1"));
}

/** `value` in `bytes` bytes, least significant first. */
export function littleEndian(value: number | bigint, bytes: number): string {
  const digits = Array.from({ length: bytes }, (_, at) => Number((BigInt(value) >> BigInt(8 * at)) & 0xffn));
  return String.fromCharCode(...digits);
}

export function proto(version: number): string {
  return `\x80${String.fromCharCode(version)}`;
}

/** A whole number from 0 to 255, BININT of 32 bits below, LONG1 of 64 bits beyond. */
export function int(value: number | bigint): string {
  if (value >= 0 && value < 256) return `K${littleEndian(value, 1)}`;
  if (value >= -(2 ** 31) && value < 2 ** 31) return `J${littleEndian(value, 4)}`;
  return `\x8a\x09${littleEndian(value, 9)}`;
}

export function float(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return `G${String.fromCharCode(...new Uint8Array(view.buffer))}`;
}

/** The bytes of `text` in UTF-8. */
export function utf8(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** BINUNICODE, the text of the protocols 1 to 3. */
export function text(value: string): string {
  return `X${littleEndian(utf8(value).length, 4)}${utf8(value)}`;
}

/** SHORT_BINUNICODE, the text of protocol 4. */
export function shortText(value: string): string {
  return `\x8c${littleEndian(utf8(value).length, 1)}${utf8(value)}`;
}

/** UNICODE, the text of protocol 0; its escapes must be there already. */
export function textLine(escaped: string): string {
  return `V${escaped}\n`;
}

export function bytes(data: string): string {
  return data.length < 256
    ? `C${littleEndian(data.length, 1)}${data}`
    : `B${littleEndian(data.length, 4)}${data}`;
}

export function byteArray(data: string): string {
  return `\x96${littleEndian(data.length, 8)}${data}`;
}

export function tuple(...items: readonly string[]): string {
  return `(${items.join("")}t`;
}

export function list(...items: readonly string[]): string {
  return `](${items.join("")}e`;
}

export function dict(...pairs: readonly (readonly [string, string])[]): string {
  return `}(${pairs.flat().join("")}u`;
}

/** GLOBAL. */
export function global(module: string, name: string): string {
  return `c${module}\n${name}\n`;
}

/** STACK_GLOBAL. */
export function stackGlobal(module: string, name: string): string {
  return `${shortText(module)}${shortText(name)}\x93`;
}

/** REDUCE: what calling `callable` with `args` gives. */
export function call(callable: string, ...args: readonly string[]): string {
  return `${callable}${tuple(...args)}R`;
}

/** BUILD. */
export function build(object: string, state: string): string {
  return `${object}${state}b`;
}

/** BINPUT behind a value. */
export function put(value: string, key: number): string {
  return `${value}q${littleEndian(key, 1)}`;
}

/** BINGET. */
export function get(key: number): string {
  return `h${littleEndian(key, 1)}`;
}
