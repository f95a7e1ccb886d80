import type { TextEscape } from "./checkpoint.ts";

/** How far a decoder came: to the end, to a character that goes on beyond it, or to a fault. */
export interface DecodedRun {
  /** Bytes of text that were decoded. */
  readonly read: number;
  /** Bytes that they stand for. */
  readonly written: number;
  /** What is wrong with the next character, as a sentence whose subject is the text. */
  readonly fault?: string;
}

/**
 * Decodes all of `text` that can be, into `into`, which has room for as many bytes as `text`. The rest belongs to a
 * character that goes on beyond the text; when `isLast`, there is no such rest.
 */
export type DecodeText = (text: Uint8Array, into: Uint8Array, isLast: boolean) => DecodedRun;

/** How a text becomes the bytes it stands for, one for each character. */
export const textDecoders: Readonly<Record<TextEscape, DecodeText>> = {
  "utf-8": decodeUtf8,
  "raw-unicode-escape": decodeRawUnicodeEscape,
};

/** UTF-8 has U+0080 to U+00FF in two bytes, of which the first is 0xC2 or 0xC3. */
const firstBytes: ReadonlySet<number> = new Set([0xc2, 0xc3]);

/** What a first byte adds to the second, which has 6 bits of the character and 0x80; of other bytes 0. */
const additions = Uint8Array.from({ length: 256 }, (_, byte) =>
  firstBytes.has(byte) ? (byte << 6) & 0xff : 0,
);

/** 1 for bytes that must follow a first byte, 0 for those that must not, 2 for those that are never there. */
const places = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x80 || firstBytes.has(byte)) return 0;
  return byte < 0xc0 ? 1 : 2;
});

function decodeUtf8(text: Uint8Array, into: Uint8Array, isLast: boolean): DecodedRun {
  // No branches: in random bytes every other one would be guessed wrong, which takes longer than all the rest.
  let addition = 0;
  let faults = 0;
  let written = 0;
  for (let read = 0; read < text.length; read++) {
    const byte = text[read]!;
    faults |= places[byte]! ^ (addition >>> 7);
    into[written] = byte | addition;
    addition = additions[byte]!;
    written += 1 - (addition >>> 7);
  }
  if (faults !== 0 || (isLast && addition !== 0)) return decodeUtf8ToFault(text, into);
  return { read: text.length - (addition >>> 7), written };
}

/** The same for a text that has a fault, up to there. */
function decodeUtf8ToFault(text: Uint8Array, into: Uint8Array): DecodedRun {
  let read = 0;
  for (let written = 0; ; written++) {
    const first = text[read]!;
    const addition = additions[first]!;
    if (places[first] !== 0) {
      const beyond = first >= 0xc4 && first <= 0xf4;
      return { read, written, fault: beyond ? noByte : "is not valid UTF-8" };
    }
    if (addition !== 0 && places[text[read + 1] ?? 0] !== 1)
      return { read, written, fault: "is not valid UTF-8" };
    into[written] = addition === 0 ? first : text[read + 1]! | addition;
    read += addition === 0 ? 1 : 2;
  }
}

const noByte = "holds a character above U+00FF, which is no byte,";

const backslash = 0x5c;

/** Digits behind the letter of an escape: `\u00ff`, `\U000000ff`. */
const escapeDigits: ReadonlyMap<number, number> = new Map([
  ["u".charCodeAt(0), 4],
  ["U".charCodeAt(0), 8],
]);

/** Bytes stand for themselves, but for escapes behind a backslash that is not itself behind one. */
function decodeRawUnicodeEscape(text: Uint8Array, into: Uint8Array, isLast: boolean): DecodedRun {
  const end = text.length;
  let read = 0;
  let written = 0;
  while (read < end) {
    const byte = text[read]!;
    if (byte !== backslash || (isLast && read + 1 === end)) {
      into[written++] = byte;
      read++;
      continue;
    }
    if (read + 1 === end) break;
    const letter = text[read + 1]!;
    const digits = escapeDigits.get(letter);
    if (digits === undefined) {
      into[written++] = byte;
      into[written++] = letter;
      read += 2;
      continue;
    }
    const next = read + 2 + digits;
    if (next > end && !isLast) break;
    const point = next > end ? NaN : hexadecimal(text, read + 2, next);
    if (Number.isNaN(point)) return { read, written, fault: "has a broken escape" };
    if (point > 0xff) return { read, written, fault: noByte };
    into[written++] = point;
    read = next;
  }
  return { read, written };
}

/** The number in the digits from `begin` to `end`, or NaN. */
function hexadecimal(text: Uint8Array, begin: number, end: number): number {
  let value = 0;
  for (let at = begin; at < end; at++) value = value * 16 + digitValue(text[at]!);
  return value;
}

function digitValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  // Upper case and lower case differ in this bit.
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : NaN;
}
