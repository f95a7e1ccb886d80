import { decodeUtf8 } from "../utf8.ts";
import { PickleFault } from "./fault.ts";
import type { MachineState } from "./machine-state.ts";
import { maxTextBytes } from "./reader.ts";
import { Extent } from "./values.ts";

// How the opcodes of texts read theirs. A short one becomes a string; a long one stays in the file.

const backslash = 0x5c;

/** A text in UTF-8, its length read before. */
export function pushUtf8(state: MachineState, bytes: number | bigint): void {
  const { reader } = state;
  const { offset } = reader;
  if (bytes > maxTextBytes) {
    state.pushNew(new Extent(offset, reader.skip(bytes).bytes, "utf-8"));
    return;
  }
  state.countText(Number(bytes));
  // Python would also read halves of surrogate pairs; no name holds them, and nothing could write them again.
  const text = decodeUtf8(reader.take(Number(bytes)));
  if (text === undefined) throw new PickleFault("pickle/text", "holds a text that is not valid UTF-8");
  state.pushText(text, new Extent(offset, Number(bytes), "utf-8"));
}

/** A text up to the end of the line, in the escapes of protocol 0. */
export function pushLine(state: MachineState): void | Promise<void> {
  const { reader } = state;
  const { offset } = reader;
  const line = reader.line();
  if (line === undefined) return pushLongLine(state);
  state.countText(line.length, line.includes(backslash));
  const text = unescapeRawUnicode(latin1(line));
  if (text === undefined) throw new PickleFault("pickle/text", "holds a text with a broken escape");
  state.pushText(text, new Extent(offset, line.length, "raw-unicode-escape"));
}

async function pushLongLine(state: MachineState): Promise<void> {
  const { offset, bytes } = await state.reader.skipLine();
  state.pushNew(new Extent(offset, bytes, "raw-unicode-escape"));
}

/**
 * A text up to the end of the line, in quotes: a `str` of Python 2. Bytes that are no ASCII mean different texts to
 * different readers, so they are refused.
 */
export function pushQuoted(state: MachineState): void {
  const line = shortLine(state);
  if (line.includes(backslash)) state.countText(line.length, true);
  const text = unquote(latin1(line));
  if (text === undefined) {
    const predicate = "holds a text in quotes that is not plain ASCII";
    throw new PickleFault("pickle/text", predicate, "load it with Python 3 and save it again");
  }
  state.pushText(text);
}

/** A `str` of Python 2, its length read before: a text when it is short and ASCII, else bytes. */
export function pushPython2String(state: MachineState, bytes: number): void {
  const { reader } = state;
  const { offset } = reader;
  if (bytes <= maxTextBytes) state.countText(bytes);
  const text = bytes <= maxTextBytes ? latin1(reader.take(bytes)) : undefined;
  if (text !== undefined && isAscii(text)) state.pushText(text, new Extent(offset, bytes));
  else if (text !== undefined) state.pushNew(new Extent(offset, bytes));
  else state.pushNew(new Extent(offset, reader.skip(bytes).bytes));
}

/** The next line, which must be short; as Latin-1. */
export function readWord(state: MachineState): string {
  return latin1(shortLine(state));
}

/** The name of a module, a class or a function: a line in UTF-8. */
export function readName(state: MachineState): string {
  const name = decodeUtf8(shortLine(state));
  if (name === undefined) throw new PickleFault("pickle/text", "holds a name that is not valid UTF-8");
  return name;
}

function shortLine(state: MachineState): Uint8Array {
  const line = state.reader.line();
  if (line !== undefined) {
    state.countText(line.length);
    return line;
  }
  throw new PickleFault("pickle/limit", `needs a line of at most ${maxTextBytes} bytes, but it is longer`);
}

function latin1(bytes: Uint8Array): string {
  // At most `maxTextBytes` arguments, which every engine can take.
  return String.fromCharCode(...bytes);
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- the range of ASCII begins at NUL
  return /^[\0-\x7f]*$/.test(text);
}

/**
 * A text in Python's raw-unicode-escape: an escape stands behind a backslash that no backslash escapes; all else
 * stands for itself. Source: CPython, `_PyUnicode_DecodeRawUnicodeEscapeStateful`.
 */
function unescapeRawUnicode(text: string): string | undefined {
  if (!text.includes("\\")) return text;
  let broken = false;
  const unescaped = text.replaceAll(
    /\\(?:u([^]{0,4})|U([^]{0,8})|[^])/g,
    (all, short?: string, long?: string) => {
      const digits = short ?? long;
      if (digits === undefined) return all;
      const point = /^[0-9a-fA-F]+$/.test(digits) ? Number.parseInt(digits, 16) : Infinity;
      broken ||= all.length !== (short === undefined ? 10 : 6) || point > 0x10ffff || isSurrogate(point);
      return broken ? "" : String.fromCodePoint(point);
    },
  );
  return broken ? undefined : unescaped;
}

function isSurrogate(point: number): boolean {
  return point >= 0xd800 && point <= 0xdfff;
}

const quotedEscapes: ReadonlyMap<string, string> = new Map([
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/** The text that Python 2 writes as `quoted`, or undefined when it is not plain ASCII in quotes. */
function unquote(quoted: string): string | undefined {
  const [, , inner] = /^(['"])((?:[\x20-\x5b\x5d-\x7e]|\\.)*)\1$/.exec(quoted) ?? [];
  if (inner === undefined) return undefined;
  let known = true;
  const text = inner.replaceAll(/\\(.)/g, (_, letter: string) => {
    const plain = quotedEscapes.get(letter);
    known &&= plain !== undefined;
    return plain ?? "";
  });
  return known ? text : undefined;
}
