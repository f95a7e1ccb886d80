import type { FlagKind, KindInput, KindValues } from "./flag.ts";
import type { FlagName, Rows } from "./flags.ts";

type OneOf<Row> = Row extends { readonly choices: readonly (infer Choice)[] } ? Choice : never;
type ValueOf<Row extends { readonly kind: FlagKind }> = Row["kind"] extends "choice"
  ? OneOf<Row>
  : KindValues[Row["kind"]];
type InputOf<Row extends { readonly kind: FlagKind }> = Row["kind"] extends "choice"
  ? OneOf<Row>
  : KindInput<Row["kind"]>;
type WithDefault = {
  [Name in FlagName]: Rows[Name] extends { readonly default: unknown } ? Name : never;
}[FlagName];

/** The flags' values after reading; a flag without a default is absent when it was not given. */
export type FlagValues = { readonly [Name in WithDefault]: ValueOf<Rows[Name]> } & {
  readonly [Name in Exclude<FlagName, WithDefault>]?: ValueOf<Rows[Name]>;
};

/** A merge as its user describes it: the flags' names and values. `null` is the same as leaving the key out. */
export type Config = { readonly [Name in FlagName]?: InputOf<Rows[Name]> | null };
