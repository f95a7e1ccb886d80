import { type JsonFault, JsonFaultSignal, JsonScanner, type NumberLiteral } from "./json-scanner.ts";

/** An object of a JSON text, in the order of the text. A Map, so that `__proto__` is a name like any other. */
export type JsonObject = ReadonlyMap<string, JsonValue>;

export type JsonValue = null | boolean | number | string | NumberLiteral | readonly JsonValue[] | JsonObject;

/** A name that its object has already; the value kept is the first one's. */
export interface DuplicateName {
  /** The names that lead to it, outermost first, itself last. */
  readonly path: readonly string[];
}

export type ParsedJson =
  | { readonly value: JsonValue; readonly duplicates: readonly DuplicateName[] }
  | { readonly fault: JsonFault };

/** Objects and arrays within each other; headers need 3, configurations of models some 5. */
export const maxJsonDepth = 32;

/**
 * Memory that the values of one text may take, in bytes and as estimated below: a second's work. Small ones take a hundred
 * times the memory of their text, so a length is no limit. A header needs 2000 for a tensor, an index 300; the largest
 * known model has 497,000 tensors, in more than a hundred files.
 */
export const maxJsonBytes = 450_000_000;

/** What each kind of value takes in V8 at its worst, in bytes: a Map that grows is there twice. */
const bytesOf = { value: 48, literal: 150, array: 180, object: 250, member: 250, duplicate: 150 } as const;

interface Reading {
  readonly scanner: JsonScanner;
  /** Estimated memory of the values read so far, in bytes. */
  bytes: number;
  readonly path: string[];
  readonly duplicates: DuplicateName[];
}

/**
 * The value of a whole JSON text, or its first fault. Strict (RFC 8259), and made for texts written to do harm:
 * depth and memory are limited, repeated names are reported, lone surrogates are refused.
 */
export function parseJson(text: string): ParsedJson {
  return parseWhole(text, (reading) => readValue(reading, 0));
}

/**
 * Reads a JSON text that is one object, as strictly as `parseJson`, without ever holding more than one of its values.
 * @param visit is given each member in order, but no duplicate, before the text is known to be without fault.
 */
export function visitMembers(
  text: string,
  visit: (name: string, value: JsonValue) => void,
): { readonly duplicates: readonly DuplicateName[] } | { readonly fault: JsonFault } {
  return parseWhole(text, (reading) => {
    const names = new Set<string>();
    if (reading.scanner.next() !== "{") throw reading.scanner.fault("an object");
    readMembers(reading, 1, {
      has: (name) => names.has(name),
      set(name, value) {
        names.add(name);
        visit(name, value);
      },
    });
    return null;
  });
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

function parseWhole(text: string, read: (reading: Reading) => JsonValue): ParsedJson {
  const scanner = new JsonScanner(text);
  const reading: Reading = { scanner, bytes: 0, path: [], duplicates: [] };
  try {
    const value = read(reading);
    if (scanner.next() !== "") throw scanner.fault("the end of the text");
    return { value, duplicates: reading.duplicates };
  } catch (error) {
    if (error instanceof JsonFaultSignal) return { fault: error.fault };
    throw error;
  }
}

function readValue(reading: Reading, depth: number): JsonValue {
  const { scanner } = reading;
  spend(reading, bytesOf.value);
  switch (scanner.next()) {
    case '"':
      return scanner.string();
    case "{":
      return readObject(reading, depth + 1);
    case "[":
      return readArray(reading, depth + 1);
    default:
      if (scanner.takeWord("true")) return true;
      if (scanner.takeWord("false")) return false;
      if (scanner.takeWord("null")) return null;
      return readNumber(reading);
  }
}

function readNumber(reading: Reading): number | NumberLiteral {
  const value = reading.scanner.number();
  if (typeof value === "object") spend(reading, bytesOf.literal);
  return value;
}

function readObject(reading: Reading, depth: number): JsonObject {
  spend(reading, bytesOf.object);
  const members = new Map<string, JsonValue>();
  readMembers(reading, depth, members);
  return members;
}

/** Where the members of an object go. */
interface Members {
  has(name: string): boolean;
  set(name: string, value: JsonValue): unknown;
}

function readMembers(reading: Reading, depth: number, members: Members): void {
  const { scanner } = reading;
  enter(reading, depth);
  if (scanner.take("}")) return;
  do {
    if (scanner.next() !== '"') throw scanner.fault("a name in double quotes");
    readMember(reading, depth, members);
  } while (scanner.take(","));
  if (!scanner.take("}")) throw scanner.fault('a "," or a "}"');
}

function readMember(reading: Reading, depth: number, members: Members): void {
  const { scanner, path, duplicates } = reading;
  spend(reading, bytesOf.member);
  const name = scanner.string();
  if (!scanner.take(":")) throw scanner.fault('a ":"');
  path.push(name);
  const value = readValue(reading, depth);
  if (members.has(name)) {
    spend(reading, bytesOf.duplicate);
    duplicates.push({ path: [...path] });
  } else {
    members.set(name, value);
  }
  path.pop();
}

function readArray(reading: Reading, depth: number): readonly JsonValue[] {
  const { scanner } = reading;
  spend(reading, bytesOf.array);
  enter(reading, depth);
  const items: JsonValue[] = [];
  if (scanner.take("]")) return items;
  do {
    items.push(readValue(reading, depth));
  } while (scanner.take(","));
  if (!scanner.take("]")) throw scanner.fault('a "," or a "]"');
  return items;
}

function enter({ scanner }: Reading, depth: number): void {
  if (depth > maxJsonDepth) {
    throw new JsonFaultSignal(`more than ${maxJsonDepth} objects and arrays within each other`, scanner.at);
  }
  scanner.at++;
}

function spend(reading: Reading, bytes: number): void {
  reading.bytes += bytes;
  if (reading.bytes <= maxJsonBytes) return;
  const message = `more values than ${maxJsonBytes} bytes of memory hold`;
  throw new JsonFaultSignal(message, reading.scanner.at);
}
