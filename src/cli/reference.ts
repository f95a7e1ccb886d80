import {
  type Flag,
  flags,
  type Method,
  methods,
  type Pair,
  pairs,
  type Sparsifier,
  sparsifiers,
} from "../index.ts";
import { combinationsText, flagText, modelsText, notation, pairSummary, valuesText } from "./method-text.ts";

const generated = "<!-- Written by `npm run docs` from the program itself; changes made here are lost. -->";

/** The text of `docs/flags.md`: every flag, by group. */
export function flagsReference(): string {
  const groups = [...new Set([...flags.values()].map(({ group }) => group))];
  return document([
    "# Flags",
    "Flags of `tensorweld merge`, `tensorweld plan` and `tensorweld check`, and keys of a JSON configuration: a first argument that ends " +
      "in `.json` is a file with such keys, and flags override it. From code, the same keys go to `merge`, `plan` and `check`.",
    "Flags are accepted with underscores and with hyphens. One that is true or false may stand alone, `--normalize`, " +
      "have a value, `--normalize False` (also `true`, `1`, `yes`, `no`, `0`), or be turned off, `--no_normalize`. " +
      "Lists are typed with blanks between, or with repeated flags, and are arrays in JSON, where `null` is the same " +
      "as leaving a key out.",
    ...groups.flatMap((group) => [
      `## ${group}`,
      table(
        ["flag", "values", "default", "meaning"],
        [...flags.values()].filter((flag) => flag.group === group).map(flagRow),
      ),
    ]),
  ]);
}

/** The text of `docs/methods.md`: the pairs with a name, and every sparsifier and method with formula and parameters. */
export function methodsReference(): string {
  return document([
    "# Methods",
    "`--merge_method` names a pair: what thins out each model, when anything does, and what puts the models together.",
    table(["merge_method", "sparsify_type", "merge_type", "does", "paper"], [...pairs.values()].map(pairRow)),
    combinationsText(),
    `${notation} \`tensorweld methods NAME\` prints what stands here.`,
    "## What thins out: `--sparsify_type`",
    ...[...sparsifiers.values()].flatMap(ruleSection),
    "## What puts together: `--merge_type`",
    ...[...methods.values()].flatMap(ruleSection),
  ]);
}

function flagRow(flag: Flag): readonly string[] {
  const fallback = flag.default === undefined ? "" : `\`${flag.default}\``;
  return [`\`--${flag.name}\``, flag.wanted, fallback, flag.doc];
}

function pairRow(pair: Pair): readonly string[] {
  const { name, sparsify = "none", merge, reference } = pair;
  const parts = [sparsify, merge].map((part) => `\`${part}\``);
  return [`\`${name}\``, ...parts, pairSummary(pair), `<${reference}>`];
}

function ruleSection(rule: Method | Sparsifier): readonly string[] {
  const { name, summary, formula, reference, parameters, differences } = rule;
  const rows = Object.entries(parameters).map(([parameter, declared]) => [
    `\`${flagText(parameter)}\``,
    valuesText(declared),
    `\`${declared.default}\``,
    declared.doc,
  ]);
  return [
    `### ${name}`,
    summary,
    `- Formula: ${formula}\n- Models: ${modelsText(rule)}\n- Paper: <${reference}>`,
    table(["parameter", "values", "default", "meaning"], rows),
    `Under the same name in other tools:`,
    differences.map((difference) => `- ${difference}`).join("\n"),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

function document(blocks: readonly string[]): string {
  return `${[generated, ...blocks].join("\n\n")}\n`;
}
