import { Command as Parser, Option } from "commander";
import { didYouMean } from "../index.ts";
import type { Config, Flag, Problem } from "../index.ts";
import { helpSwitch } from "./command.ts";
import type { Command } from "./command.ts";

/** The arguments of a command, taken apart; the flags' values are still the texts that were typed. */
export interface CommandLine {
  readonly argument?: string;
  /** The flags that were given, as a configuration. */
  readonly config: Config;
  /** The names of the switches that were given. */
  readonly switches: ReadonlySet<string>;
  readonly problems: readonly Problem[];
  /** The flags that were meant where something is wrong: given without a value, or likely what a misspelt one is. */
  readonly meant: ReadonlySet<string>;
}

/** Stands for the value of a flag that was given without one. */
const noValue = "";

/** Takes the arguments of `command` apart, and lists everything that is wrong with them. */
export function readCommandLine(command: Command, args: readonly string[]): CommandLine {
  const parser = new Parser(command.name).helpOption(false);
  const flags = command.flags.flatMap(spellings);
  for (const flag of flags) addFlag(parser, flag);
  for (const { name } of switchesOf(command)) parser.option(`--${name}`);
  const { operands, unknown } = parser.parseOptions(args.map(normalForm));
  const given = parser.opts<Readonly<Record<string, unknown>>>();

  const config: Record<string, string | readonly string[]> = {};
  const misspelt = unknownFlags(command, unknown);
  const problems = [...misspelt.map(({ problem }) => problem), ...surplusArguments(command, operands)];
  for (const flag of flags) {
    const values = typedValues(flag, given);
    const problem = wrongUse(flag, values);
    if (problem !== undefined) problems.push(problem);
    else if (values.length > 0) config[flag.name] = flag.list ? values : values[0]!;
  }
  return {
    ...(operands[0] !== undefined && { argument: operands[0] }),
    config,
    switches: new Set(
      switchesOf(command)
        .map(({ name }) => name)
        .filter((name) => given[name] === true),
    ),
    problems,
    meant: new Set(
      [...misspelt.map(({ likely }) => likely), ...problems.map(({ key }) => key)].filter(
        (key) => key !== undefined,
      ),
    ),
  };
}

function switchesOf(command: Command): Command["switches"] {
  return [...command.switches, helpSwitch];
}

/** Flags with underscores, `--slerp-alpha=a-b` as `--slerp_alpha=a-b`; negative numbers as commander knows them. */
function normalForm(arg: string): string {
  if (/^-(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(arg)) return String(Number(arg));
  return arg.replace(/^--[^=]+/, (name) => `--${name.slice(2).replaceAll("-", "_")}`);
}

/** A flag, and the same one under each name that is read as a slip; the recipe tells of it. */
function spellings(flag: Flag): readonly Flag[] {
  return [flag.name, ...(flag.misspellings ?? [])].map((name) => ({ ...flag, name }));
}

function addFlag(parser: Parser, { name, kind, list }: Flag): void {
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  // All values are optional to commander, which would stop at the first one that is missing.
  const option = new Option(`--${name} [${list ? "values..." : "value"}]`);
  parser.addOption(option.preset(kind === "switch" ? "true" : noValue).argParser(collect));
  if (kind === "switch") parser.option(`--no_${name}`);
}

/** All values that were typed for a flag, `--no_…` being one of them. */
function typedValues({ name }: Flag, given: Readonly<Record<string, unknown>>): readonly string[] {
  const values = (given[name] ?? []) as readonly string[];
  return given[`no_${name}`] === true ? [...values, "false"] : values;
}

function wrongUse({ name, hint, list }: Flag, values: readonly string[]): Problem | undefined {
  if (values.includes(noValue)) {
    return { code: "request/missing-value", key: name, message: `needs a value: --${name} ${hint}` };
  }
  if (list || new Set(values).size < 2) return undefined;
  const message = `is given more than once, as ${values.join(" and as ")}`;
  return { code: "request/contradiction", key: name, message, hint: "keep one of them" };
}

interface Misspelt {
  readonly problem: Problem;
  readonly likely?: string | undefined;
}

function unknownFlags(command: Command, args: readonly string[]): readonly Misspelt[] {
  const known = [
    ...command.flags.map(({ name }) => name),
    ...command.flags.filter(({ kind }) => kind === "switch").map(({ name }) => `no_${name}`),
    ...switchesOf(command).map(({ name }) => name),
  ];
  // The first is what commander did not know; after it, it also leaves arguments and values here.
  const unknown = args.filter((arg, index) => index === 0 || /^-+[a-z]/i.test(arg));
  return unknown.map((arg) => {
    const key = arg.replace(/^-+|=.*$/gs, "");
    if (known.includes(key))
      return { problem: { code: "request/invalid-value", key, message: "takes no value" } };
    const likely = didYouMean(key, known);
    const help = `tensorweld ${command.name} --help lists all flags`;
    const hint = likely === undefined ? help : `did you mean --${likely}?`;
    // A key would be shown with two hyphens.
    const place = arg.startsWith("--")
      ? { key, message: "there is no such flag" }
      : { message: `there is no flag ${arg}` };
    return { likely, problem: { code: "request/unknown-key", ...place, hint } };
  });
}

function surplusArguments({ argumentHint }: Command, operands: readonly string[]): Problem[] {
  return operands.slice(1).map((operand) => ({
    code: "request/invalid-value",
    message: `the argument ${JSON.stringify(operand)} is one too many`,
    hint: argumentHint,
  }));
}
