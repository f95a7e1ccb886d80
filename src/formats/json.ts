import { describeCharacter } from "./describe-json.ts";

/** An object of a JSON text, in the order of the text. A Map, so that `__proto__` is a name like any other. */
export type JsonObject = ReadonlyMap<string, JsonValue>;

export type JsonValue = null | boolean | number | string | NumberLiteral | readonly JsonValue[] | JsonObject;

/**
 * A number as it is written, when that is not a non-negative integer below 2^53 in plain digits: `-1`, `2.5`,
 * `1e3`, `9007199254740993`. Headers count things; what a rounded number would hide is shown instead.
 */
export interface NumberLiteral {
  readonly literal: string;
}

/** A name that its object has already; the value kept is the first one's. */
export interface DuplicateName {
  /** The names that lead to it, outermost first, itself last. */
  readonly path: readonly string[];
}

export type ParsedJson =
  | { readonly value: JsonValue; readonly duplicates: readonly DuplicateName[] }
  | { readonly fault: JsonFault };

export interface JsonFault {
  /** What is wrong, without the place. */
  readonly message: string;
  /** Offset of the character at fault, in UTF-16 code units from 0. */
  readonly position: number;
}

/** Objects and arrays within each other; headers need 3, configurations of models some 5. */
export const maxJsonDepth = 32;

/**
 * Values in one text. Small ones take some hundred times the memory of their text, so a length is no limit. A header
 * has 8 for each matrix; the largest known model has 497,000 tensors.
 */
export const maxJsonValues = 10_000_000;

interface Cursor {
  readonly text: string;
  at: number;
  /** Values read so far. */
  values: number;
  readonly path: string[];
  readonly duplicates: DuplicateName[];
}

/** Carries a fault from the depth of the text to `parseJson`; never leaves this file. */
class FaultSignal extends Error {
  readonly fault: JsonFault;
  constructor(message: string, position: number) {
    super(message);
    this.fault = { message, position };
  }
}

/**
 * The value of a whole JSON text, or its first fault. Strict (RFC 8259), and made for texts written to do harm:
 * depth is limited, repeated names are reported, lone surrogates are refused.
 */
export function parseJson(text: string): ParsedJson {
  const cursor: Cursor = { text, at: 0, values: 0, path: [], duplicates: [] };
  try {
    const value = readValue(cursor, 0);
    skipSpace(cursor);
    if (cursor.at < text.length) throw fault(cursor, "the end of the text");
    return { value, duplicates: cursor.duplicates };
  } catch (error) {
    if (error instanceof FaultSignal) return { fault: error.fault };
    throw error;
  }
}

/** The line and column of a position, from 1. */
export function lineAndColumn(text: string, position: number): { line: number; column: number } {
  let [line, start] = [1, 0];
  // Counted one by one: a text can be all line feeds, and a list of its lines would take memory without measure.
  for (let at = text.indexOf("\n"); at >= 0 && at < position; at = text.indexOf("\n", at + 1)) {
    line++;
    start = at + 1;
  }
  return { line, column: position - start + 1 };
}

const words: readonly (readonly [string, JsonValue])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

function readValue(cursor: Cursor, depth: number): JsonValue {
  skipSpace(cursor);
  if (++cursor.values > maxJsonValues) throw tooMuch(cursor, `${maxJsonValues} values`);
  const first = cursor.text[cursor.at];
  if (first === '"') return readString(cursor);
  if (first === "{") return readObject(cursor, depth + 1);
  if (first === "[") return readArray(cursor, depth + 1);
  const word = words.find(([spelling]) => cursor.text.startsWith(spelling, cursor.at));
  if (word === undefined) return readNumber(cursor);
  cursor.at += word[0].length;
  return word[1];
}

function readObject(cursor: Cursor, depth: number): JsonObject {
  enter(cursor, depth);
  const members = new Map<string, JsonValue>();
  if (take(cursor, "}")) return members;
  do {
    skipSpace(cursor);
    if (cursor.text[cursor.at] !== '"') throw fault(cursor, "a name in double quotes");
    readMember(cursor, members, depth);
  } while (take(cursor, ","));
  if (!take(cursor, "}")) throw fault(cursor, 'a "," or a "}"');
  return members;
}

function readMember(cursor: Cursor, members: Map<string, JsonValue>, depth: number): void {
  const name = readString(cursor);
  if (!take(cursor, ":")) throw fault(cursor, 'a ":"');
  cursor.path.push(name);
  const value = readValue(cursor, depth);
  if (members.has(name)) cursor.duplicates.push({ path: [...cursor.path] });
  else members.set(name, value);
  cursor.path.pop();
}

function readArray(cursor: Cursor, depth: number): readonly JsonValue[] {
  enter(cursor, depth);
  const items: JsonValue[] = [];
  if (take(cursor, "]")) return items;
  do {
    items.push(readValue(cursor, depth));
  } while (take(cursor, ","));
  if (!take(cursor, "]")) throw fault(cursor, 'a "," or a "]"');
  return items;
}

function enter(cursor: Cursor, depth: number): void {
  if (depth > maxJsonDepth) throw tooMuch(cursor, `${maxJsonDepth} objects and arrays within each other`);
  cursor.at++;
}

function readString(cursor: Cursor): string {
  const { text } = cursor;
  let done = "";
  let start = ++cursor.at;
  for (;;) {
    const unit = text.charCodeAt(cursor.at);
    if (unit === 0x22) return done + text.slice(start, cursor.at++);
    if (unit === 0x5c) {
      done += text.slice(start, cursor.at) + readEscape(cursor);
      start = cursor.at;
    } else if (unit >= 0x20) {
      cursor.at++;
    } else {
      throw fault(cursor, "a character of a string, or the quote that ends it");
    }
  }
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

function readEscape(cursor: Cursor): string {
  const plain = escapes.get(cursor.text[cursor.at + 1] ?? "");
  if (plain !== undefined) {
    cursor.at += 2;
    return plain;
  }
  const start = cursor.at;
  const high = readUnicodeEscape(cursor);
  if (high < 0xd800 || high > 0xdfff) return String.fromCharCode(high);
  const low = high <= 0xdbff ? readUnicodeEscape(cursor) : 0;
  if (low >= 0xdc00 && low <= 0xdfff) return String.fromCharCode(high, low);
  cursor.at = start;
  throw fault(cursor, "both halves of a surrogate pair, in order");
}

function readUnicodeEscape(cursor: Cursor): number {
  const escape = /^\\u([0-9a-fA-F]{4})$/.exec(cursor.text.slice(cursor.at, cursor.at + 6));
  if (escape === null) throw fault(cursor, "an escape that JSON knows");
  cursor.at += 6;
  return Number.parseInt(escape[1]!, 16);
}

const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

function readNumber(cursor: Cursor): number | NumberLiteral {
  numberPattern.lastIndex = cursor.at;
  if (!numberPattern.test(cursor.text)) throw fault(cursor, "a value");
  const literal = cursor.text.slice(cursor.at, numberPattern.lastIndex);
  cursor.at = numberPattern.lastIndex;
  const value = Number(literal);
  return /^[0-9]+$/.test(literal) && Number.isSafeInteger(value) ? value : { literal };
}

/** Steps over `character`, blanks before it included; false when something else comes next. */
function take(cursor: Cursor, character: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at++;
  return true;
}

function skipSpace(cursor: Cursor): void {
  for (;;) {
    const unit = cursor.text.charCodeAt(cursor.at);
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
    cursor.at++;
  }
}

function fault(cursor: Cursor, wanted: string): FaultSignal {
  const found = describeCharacter(cursor.text, cursor.at);
  return new FaultSignal(`wanted ${wanted}, found ${found}`, cursor.at);
}

function tooMuch(cursor: Cursor, limit: string): FaultSignal {
  return new FaultSignal(`more than ${limit}`, cursor.at);
}
