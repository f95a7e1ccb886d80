import { describeCharacter } from "./describe-json.ts";

/**
 * A number as it is written, when that is not a non-negative integer below 2^53 in plain digits: `-1`, `2.5`,
 * `1e3`, `9007199254740993`. Headers count things; what a rounded number would hide is shown instead.
 */
export interface NumberLiteral {
  readonly literal: string;
}

/** What is wrong with a JSON text, and where. */
export interface JsonFault {
  /** What is wrong, without the place. */
  readonly message: string;
  /** Offset of the character at fault, in UTF-16 code units from 0. */
  readonly position: number;
}

/** Carries a fault from the depth of a text to whoever began to read it. */
export class JsonFaultSignal extends Error {
  readonly fault: JsonFault;

  constructor(message: string, position: number) {
    super(message);
    this.fault = { message, position };
  }
}

const quote = 0x22;
const backslash = 0x5c;
const zero = 0x30;
const nine = 0x39;

/** Digits up to which every whole number is below 2^53. */
const safeDigits = 15;

/**
 * The words of a JSON text one after the other, blanks before them skipped. Looks at character codes, for a string of
 * one character each would take longer than all the rest. @throws JsonFaultSignal when a word is not as it must be.
 */
export class JsonScanner {
  readonly text: string;
  /** Where it is, in UTF-16 code units from 0. */
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The next character, blanks skipped; empty at the end. */
  next(): string {
    this.skipBlanks();
    return this.text.charAt(this.at);
  }

  /** Steps over `character`; false when something else comes next. */
  take(character: string): boolean {
    this.skipBlanks();
    if (this.text.charCodeAt(this.at) !== character.charCodeAt(0)) return false;
    this.at++;
    return true;
  }

  /** Steps over `word` and tells that it is there, no blanks skipped. */
  takeWord(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  /** The string whose first quote comes next. */
  string(): string {
    const start = this.at++;
    let escaped = false;
    for (;;) {
      const unit = this.text.charCodeAt(this.at);
      if (unit === quote) break;
      if (unit === backslash) {
        escaped = true;
        this.stepOverEscape();
      } else if (unit >= 0x20) {
        this.at++;
      } else {
        throw this.fault("a character of a string, or the quote that ends it");
      }
    }
    this.at++;
    // By the engine, once it is known to be right: put together piece by piece, it would take a hundred times the memory.
    if (escaped) return JSON.parse(this.text.slice(start, this.at)) as string;
    return this.text.slice(start + 1, this.at - 1);
  }

  /** The number that comes next. */
  number(): number | NumberLiteral {
    const start = this.at;
    let value = 0;
    let unit = this.text.charCodeAt(start);
    while (unit >= zero && unit <= nine && this.at - start < safeDigits) {
      value = 10 * value + unit - zero;
      unit = this.text.charCodeAt(++this.at);
    }
    const isPlain = this.at > start && !goesOn(unit);
    const hasLeadingZero = this.at - start > 1 && this.text.charCodeAt(start) === zero;
    if (isPlain && !hasLeadingZero) return value;
    this.at = start;
    return this.numberInFull();
  }

  /** What to throw when `wanted` was to come next. */
  fault(wanted: string): JsonFaultSignal {
    const found = describeCharacter(this.text, this.at);
    return new JsonFaultSignal(`wanted ${wanted}, found ${found}`, this.at);
  }

  private skipBlanks(): void {
    for (;;) {
      const unit = this.text.charCodeAt(this.at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.at++;
    }
  }

  private stepOverEscape(): void {
    if (shortEscapes.has(this.text.charCodeAt(this.at + 1))) {
      this.at += 2;
      return;
    }
    const start = this.at;
    const high = this.stepOverUnicodeEscape();
    if (high < 0xd800 || high > 0xdfff) return;
    const low = high <= 0xdbff ? this.stepOverUnicodeEscape() : 0;
    if (low >= 0xdc00 && low <= 0xdfff) return;
    this.at = start;
    throw this.fault("both halves of a surrogate pair, in order");
  }

  private stepOverUnicodeEscape(): number {
    let value = 0;
    for (let digit = 2; digit < 6; digit++)
      value = 16 * value + hexDigit(this.text.charCodeAt(this.at + digit));
    const isEscape = this.text.startsWith("\\u", this.at) && !Number.isNaN(value);
    if (!isEscape) throw this.fault("an escape that JSON knows");
    this.at += 6;
    return value;
  }

  private numberInFull(): number | NumberLiteral {
    numberPattern.lastIndex = this.at;
    if (!numberPattern.test(this.text)) throw this.fault("a value");
    const literal = this.text.slice(this.at, numberPattern.lastIndex);
    this.at = numberPattern.lastIndex;
    const value = Number(literal);
    return /^[0-9]+$/.test(literal) && Number.isSafeInteger(value) ? value : { literal };
  }
}

/** What may stand after a backslash by itself. */
const shortEscapes: ReadonlySet<number> = new Set(Array.from('"\\/bfnrt', (letter) => letter.charCodeAt(0)));

const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** Whether a number may go on with this character after its first digits. */
function goesOn(unit: number): boolean {
  return (unit >= zero && unit <= nine) || unit === 0x2e || unit === 0x45 || unit === 0x65;
}

/** What a hexadecimal digit stands for; NaN when the character is none. */
function hexDigit(unit: number): number {
  if (unit >= zero && unit <= nine) return unit - zero;
  const letter = unit | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : NaN;
}
