import { flags } from "../../index.ts";
import { jsonSwitch, quietSwitch } from "../command.ts";
import type { Command } from "../command.ts";
import { planLines } from "../plan-text.ts";
import { planFor } from "../planning.ts";
import { jsonText } from "../printable.ts";

/** Says what a merge would read, do and write, without doing it. */
export const planCommand: Command = {
  name: "plan",
  summary: "Show what a merge would read, do, write and need. Reads headers, writes nothing.",
  argument: "[recipe.yml | config.json] [OUT]",
  maxArguments: 2,
  argumentHint: "models go after --model_path_list",
  flags: [...flags.values()],
  switches: [jsonSwitch, quietSwitch],
  notes: "The flags are those of merge.",
  examples: [
    "plan --model_path_list A B --output_path OUT",
    "plan recipe.yml OUT",
    "plan OUT/merge_config.json --output_path AGAIN --json",
  ],

  async run(line, host) {
    const plan = await planFor(line, host);
    const { console } = host;
    console.out(line.switches.has("json") ? jsonText(plan) : planLines(plan, console.outPaint).join("\n"));
  },
};
