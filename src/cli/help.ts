import type { Flag } from "../index.ts";
import { helpSwitch } from "./command.ts";
import type { Command } from "./command.ts";
import type { Console } from "./console.ts";
import { type Item, layoutFor, widestTerm } from "./layout.ts";

interface Section {
  readonly title: string;
  readonly items: readonly Item[];
}

/** What a command does, its flags by group, and examples. */
export function commandHelp(command: Command, console: Console): string {
  const groups = [...new Set(command.flags.map(({ group }) => group))];
  const switches = [...command.switches, helpSwitch];
  const sections: readonly Section[] = [
    ...groups.map((group) => ({
      title: group,
      items: command.flags
        .filter((flag) => flag.group === group)
        .map((flag) => [`--${flag.name} ${flag.hint}`, flagDoc(flag)] as const),
    })),
    { title: "Terminal", items: switches.map(({ name, doc }) => [`--${name}`, doc] as const) },
  ];
  const usage = `tensorweld ${command.name} ${command.argument} [flags]`;
  return [
    ...layOut({ usage, summary: command.summary, sections, notes: command.notes, console }),
    "",
    console.outPaint("bold", "Examples"),
    ...command.examples.map((example) => `  tensorweld ${example}`),
  ].join("\n");
}

/** The commands there are. */
export function programHelp(commands: readonly Command[], console: Console): string {
  const items = commands.map(({ name, argument, summary }) => [`${name} ${argument}`, summary] as const);
  const lines = layOut({
    usage: "tensorweld <command> [flags]",
    summary: "Merges the weights of language models.",
    notes: "",
    sections: [
      { title: "Commands", items },
      {
        title: "Also",
        items: [
          ["--version", "Print the version."],
          ["<command> --help", "All flags of a command."],
        ],
      },
    ],
    console,
  });
  return lines.join("\n");
}

function flagDoc({ doc, choices, ...flag }: Flag): string {
  const notes = [
    choices === undefined ? "" : `One of ${choices.join(", ")}.`,
    flag.default === undefined ? "" : `Default ${flag.default}.`,
  ];
  return [doc, ...notes].filter((note) => note !== "").join(" ");
}

interface Page {
  readonly usage: string;
  readonly summary: string;
  readonly sections: readonly Section[];
  readonly notes: string;
  readonly console: Console;
}

function layOut({ usage, summary, sections, notes, console }: Page): readonly string[] {
  const layout = layoutFor(console.width);
  const termWidth = widestTerm(sections.flatMap(({ items }) => items));
  return [
    ...layout.paragraph(summary),
    "",
    `${console.outPaint("bold", "Usage")}  ${usage}`,
    ...sections.flatMap(({ title, items }) => [
      "",
      console.outPaint("bold", title),
      ...layout.items(items, termWidth),
    ]),
    ...(notes === "" ? [] : ["", ...layout.paragraph(notes)]),
  ];
}
