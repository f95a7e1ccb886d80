import { floatTypes } from "../dtype.ts";
import type { DType } from "../dtype.ts";
import { boundsText } from "./bounds.ts";
import type { Bounds } from "./bounds.ts";

/** What reading a flag gives, by the kind of its values. */
export interface KindValues {
  readonly path: string;
  readonly paths: readonly string[];
  /** Paths in one text, commas between them. */
  readonly "path-text": readonly string[];
  /** Names of files, without folders. */
  readonly names: readonly string[];
  readonly choice: string;
  readonly switch: boolean;
  readonly number: number;
  readonly numbers: readonly number[];
  readonly integer: number;
  /** Bytes. */
  readonly size: number;
  readonly workers: number | "auto";
  readonly dtype: DType;
}

export type FlagKind = keyof KindValues;

/** What a flag may be given as from JSON and code: its value, or the text that a command line would have for it. */
export type KindInput<Kind extends FlagKind> = Kind extends "path-text"
  ? string
  : KindValues[Kind] extends readonly (infer Item)[]
    ? readonly (Item | string)[]
    : KindValues[Kind] | string;

/** The headings of help and reference. */
export type FlagGroup = "Models" | "Method" | "Output" | "Work";

/** What is decided about a flag: one row of the table in `flags.ts`. */
export interface FlagRow extends Bounds {
  readonly group: FlagGroup;
  readonly kind: FlagKind;
  /** One sentence of help. */
  readonly doc: string;
  /** As a user would write it; absent: nothing is assumed. */
  readonly default?: string | number | boolean;
  /** For the kind `choice`: all its values. */
  readonly choices?: readonly string[];
  /** The parameter of a method, or of a sparsifier, that it sets. */
  readonly parameter?: string;
  /** Spellings that other documents use by mistake; read, with a notice. */
  readonly misspellings?: readonly string[];
  /** The flag that says the same in another form. */
  readonly sameAs?: string;
  /** Why it changes nothing; it is read for the sake of old configurations. */
  readonly noEffect?: string;
}

interface KindFacts {
  /** How help writes a value. */
  readonly hint: string;
  /** Whether one flag takes several values. */
  readonly list?: true;
  /** What is accepted, as the end of "expected …". */
  readonly wanted: string;
  /** The same for one value of a list. */
  readonly wantedItem?: string;
}

/** One flag of the command line, which is one key of a configuration. */
export interface Flag extends FlagRow, KindFacts {
  readonly name: string;
}

const kinds: Readonly<Record<FlagKind, KindFacts>> = {
  path: { hint: "<path>", wanted: "a path" },
  paths: { hint: "<paths...>", list: true, wanted: "a list of one or more paths", wantedItem: "a path" },
  "path-text": { hint: "<path,path>", wanted: "paths with commas between them", wantedItem: "a path" },
  names: {
    hint: "<names...>",
    list: true,
    wanted: "a list of names of files, without folders",
    wantedItem: "the name of a file, without folders",
  },
  choice: { hint: "<choice>", wanted: "a choice" },
  switch: { hint: "[true|false]", wanted: "true or false" },
  number: { hint: "<number>", wanted: "a number" },
  numbers: {
    hint: "<numbers...>",
    list: true,
    wanted: "a list of one or more finite numbers",
    wantedItem: "a finite number",
  },
  integer: { hint: "<integer>", wanted: "a whole number" },
  size: { hint: "<size>", wanted: "a size such as 256MB, 1.5GB, 512MiB or a number of bytes" },
  workers: { hint: "<count|auto>", wanted: 'a whole number, at least 1, or "auto"' },
  dtype: { hint: "<type>", wanted: `one of ${floatTypes.join(", ")}` },
};

/** The flag that a row describes, with the texts that help and messages need. */
export function describeFlag(name: string, row: FlagRow): Flag {
  const facts = kinds[row.kind];
  const bounds = boundsText(row);
  const wanted = bounds === "" ? facts.wanted : `${facts.wanted}, ${bounds}`;
  if (row.choices === undefined) return { name, ...row, ...facts, wanted };
  return { name, ...row, ...facts, wanted: `one of ${row.choices.join(", ")}` };
}
