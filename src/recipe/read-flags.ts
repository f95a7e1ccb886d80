import { didYouMean } from "../errors.ts";
import type { Problem } from "../errors.ts";
import type { Findings } from "./findings.ts";
import { schemaOf } from "./flag-schema.ts";
import type { Flag } from "./flag.ts";
import { flags } from "./flags.ts";
import type { FlagName } from "./flags.ts";
import type { Config, FlagValues } from "./flag-values.ts";
import { showValue } from "./show-value.ts";

/** A configuration, value by value: each checked alone, defaults filled in. */
export interface FlagReading extends Findings {
  /** A flag whose value was refused has its default here, or is absent. */
  readonly values: FlagValues;
  /** The flags that were given, also those whose values were refused. */
  readonly given: ReadonlySet<FlagName>;
}

interface Entry {
  readonly key: string;
  readonly value: unknown;
}

/** Reads a configuration of any origin: every key known, every value of its flag's kind and within its bounds. */
export function readFlags(config: unknown): FlagReading {
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    const message = `a configuration is an object of keys and values, got ${showValue(config)}`;
    return { ...valuesOf(new Map()), given: new Set(), notices: [], problems: [invalid(message)] };
  }
  const problems: Problem[] = [];
  const entries = new Map<FlagName, Entry>();
  for (const [key, value] of Object.entries(config)) {
    const name = flagNameOf(key);
    const before = name === undefined ? undefined : entries.get(name);
    if (name === undefined) problems.push(unknownKey(key));
    else if (before !== undefined) problems.push(givenTwice(name, before, { key, value }));
    else if (value !== null && value !== undefined) entries.set(name, { key, value });
  }
  const { values, problems: refused } = valuesOf(entries);
  return {
    values,
    given: new Set(entries.keys()),
    problems: [...problems, ...refused],
    notices: [...entries].flatMap(([name, { key }]) => misspellingNotice(name, key)),
  };
}

/** `config` with the keys of `over` in place of its own, whichever way either spells them. */
export function overrideConfig(config: Config, over: Config): Config {
  const replaced = new Set(Object.keys(over).flatMap(sameFlags));
  const kept = Object.entries(config).filter(([key]) => !replaced.has(flagNameOf(key) ?? key));
  return { ...Object.fromEntries(kept), ...over };
}

function flagNameOf(key: string): FlagName | undefined {
  const plain = key.replaceAll("-", "_");
  for (const [name, flag] of flags) {
    if (name === plain || flag.misspellings?.includes(plain)) return name;
  }
  return undefined;
}

/** The flag that `key` names and those that say the same in another form. */
function sameFlags(key: string): readonly string[] {
  const name = flagNameOf(key);
  if (name === undefined) return [key];
  const kin = flags.get(name)?.sameAs ?? name;
  return [...flags.values()].filter((flag) => (flag.sameAs ?? flag.name) === kin).map((flag) => flag.name);
}

function valuesOf(entries: ReadonlyMap<FlagName, Entry>): {
  values: FlagValues;
  problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const values: Partial<Record<FlagName, unknown>> = {};
  for (const [name, flag] of flags) {
    const entry = entries.get(name);
    const reading = entry === undefined ? undefined : readValue(flag, entry.value);
    problems.push(...(reading?.problems ?? []));
    const value = reading?.value ?? defaultOf(flag);
    if (value !== undefined) values[name] = value;
  }
  // Each value went through its own row's schema, and FlagValues is made of the rows.
  return { values: values as FlagValues, problems };
}

/** The value a flag has when it is not given. */
export function defaultOf(flag: Flag): unknown {
  return flag.default === undefined ? undefined : readValue(flag, flag.default).value;
}

function readValue(flag: Flag, value: unknown): { value?: unknown; problems: readonly Problem[] } {
  const result = schemaOf(flag).safeParse(value, { reportInput: true });
  if (result.success) return { value: result.data, problems: [] };
  const problems = result.error.issues.map(({ path: [index], input }) => {
    const shown = index === undefined ? value : input;
    const wanted = index === undefined ? flag.wanted : (flag.wantedItem ?? flag.wanted);
    const place = typeof index === "number" ? `value ${index + 1}: ` : "";
    const hint = typeof shown === "string" ? hintOn(flag, shown, index !== undefined) : undefined;
    return invalid(`${place}expected ${wanted}, got ${showValue(shown)}`, flag.name, hint);
  });
  return { problems };
}

/** What a value that was refused may have been meant to be. */
function hintOn(flag: Flag, value: string, isItem: boolean): string | undefined {
  const likely = didYouMean(value, flag.choices ?? []);
  if (likely !== undefined) return `did you mean ${likely}?`;
  return isItem && value.includes(",") ? "put blanks between the values, not commas" : undefined;
}

function invalid(message: string, key?: string, hint?: string): Problem {
  const code = "request/invalid-value";
  return { code, message, ...(key !== undefined && { key }), ...(hint !== undefined && { hint }) };
}

function unknownKey(key: string): Problem {
  const likely = didYouMean(key.replaceAll("-", "_"), flags.keys());
  const hint = likely === undefined ? "docs/flags.md lists all keys" : `did you mean --${likely}?`;
  return { code: "request/unknown-key", key, message: "there is no such flag", hint };
}

function givenTwice(name: FlagName, one: Entry, other: Entry): Problem {
  const message = `is given twice, as ${one.key} = ${showValue(one.value)} and as ${other.key} = ${showValue(other.value)}`;
  return { code: "request/contradiction", key: name, message, hint: "keep one of them" };
}

function misspellingNotice(name: FlagName, key: string): readonly string[] {
  const misspelt = flags.get(name)?.misspellings?.includes(key.replaceAll("-", "_")) ?? false;
  return misspelt ? [`${key} is read as ${name}.`] : [];
}
