import { describeJson, shorten } from "../formats/describe-json.ts";
import type { JsonObject, JsonValue } from "../formats/json.ts";
import type { ProblemList } from "../formats/problem-list.ts";
import { modulePattern } from "./module-pattern.ts";
import type { PatternValue } from "./settings.ts";
import { mergeThere } from "./switches.ts";

/**
 * Characters of all patterns of an object together; each takes some hundred bytes of memory once it is read. With a
 * pattern for each of its modules, a model of 405 billion parameters has 40,000.
 */
const maxPatternCharacters = 100_000;

/** The largest number of float32, in which updates are scaled. */
const maxNumber = 2 ** 128 - 2 ** 104;

/**
 * Reads values of a configuration by their keys. Of one that is wrong a stand-in is returned and `problems` says what
 * is wrong: nothing is made of the settings then.
 */
export class SettingsReader {
  readonly values: JsonObject;
  readonly problems: ProblemList;

  constructor(values: JsonObject, problems: ProblemList) {
    this.values = values;
    this.problems = problems;
  }

  /** A whole number from 1 on. */
  count(key: string): number {
    const value = this.values.get(key);
    return toCount(value) ?? this.wrong(key, value, "a whole number from 1 on", 1);
  }

  /** Any number that float32 has room for. */
  number(key: string): number {
    const value = this.values.get(key);
    return toNumber(value) ?? this.wrong(key, value, wantedNumber(value), 1);
  }

  /** False when absent or null, as where a version of the library did not know the setting. */
  flag(key: string): boolean {
    const value = this.values.get(key) ?? false;
    return typeof value === "boolean" ? value : this.wrong(key, value, "true or false", false);
  }

  text(key: string): string | undefined {
    const value = this.values.get(key) ?? undefined;
    if (value === undefined || typeof value === "string") return value;
    return this.wrong(key, value, "a string", undefined);
  }

  /** One string or several. */
  texts(key: string): readonly string[] {
    const value = this.values.get(key) ?? [];
    if (typeof value === "string") return [value];
    return isTexts(value) ? value : this.wrong(key, value, "a string or an array of strings", []);
  }

  /** Patterns of modules with a number each, in the order of the file. */
  patterns(key: string, kind: "count" | "number"): readonly PatternValue[] {
    const members: JsonValue = this.values.get(key) ?? new Map();
    if (!(members instanceof Map)) return this.wrong(key, members, "an object of numbers", []);
    const characters = [...members.keys()].reduce((sum, text) => sum + text.length, 0);
    if (characters > maxPatternCharacters) {
      const message = `the patterns of ${key} have ${characters} characters, more than the ${maxPatternCharacters} that are read`;
      this.problems.add({ code: "adapter/unsupported", message, hint: mergeThere });
      return [];
    }
    const read = kind === "count" ? toCount : toNumber;
    return [...members].flatMap(([text, member]: [string, JsonValue]) => {
      const name = `${JSON.stringify(shorten(text))} of ${key}`;
      const pattern = modulePattern(text);
      if ("fault" in pattern) {
        this.problems.add({ code: "adapter/unsupported", message: `${name} ${pattern.fault}` });
        return [];
      }
      const value = read(member);
      if (value !== undefined) return [{ pattern, value }];
      return this.wrong(
        name,
        member,
        kind === "count" ? "a whole number from 1 on" : wantedNumber(member),
        [],
      );
    });
  }

  private wrong<T>(name: string, value: JsonValue | undefined, wanted: string, standIn: T): T {
    const message = `${name} is ${describeJson(value)}, where ${wanted} is needed`;
    this.problems.add({ code: "adapter/configuration", message });
    return standIn;
  }
}

function toCount(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && value > 0 ? value : undefined;
}

function toNumber(value: JsonValue | undefined): number | undefined {
  const number = anyNumber(value);
  return number !== undefined && Math.abs(number) <= maxNumber ? number : undefined;
}

function wantedNumber(value: JsonValue | undefined): string {
  return anyNumber(value) === undefined ? "a number" : "a number that float32 has room for";
}

function anyNumber(value: JsonValue | undefined): number | undefined {
  if (typeof value === "number") return value;
  const isLiteral = typeof value === "object" && value !== null && "literal" in value;
  return isLiteral ? Number(value.literal) : undefined;
}

function isTexts(value: JsonValue): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
