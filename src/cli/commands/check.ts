import { flags } from "../../index.ts";
import { checkLines } from "../check-text.ts";
import { type Command, jsonSwitch, quietSwitch } from "../command.ts";
import { printNotices } from "../notices.ts";
import { answerTo } from "../planning.ts";
import { jsonText } from "../printable.ts";

/** The exit code when a merge would be refused; a configuration that is itself at fault has that of all refusals. */
const FOUND_ERRORS = 1;

/** Says everything that is wrong with a merge, without doing it. */
export const checkCommand: Command = {
  name: "check",
  summary: "Tell what is wrong with a merge, from headers and small files.",
  argument: "[recipe.yml | config.json] [OUT]",
  maxArguments: 2,
  argumentHint: "models go after --model_path_list",
  flags: [...flags.values()],
  switches: [jsonSwitch, quietSwitch],
  notes:
    "The flags are those of merge. The exit code is 1 when there are errors, with --strict also warnings.",
  examples: [
    "check --model_path_list A B --output_path OUT",
    "check recipe.yml OUT",
    "check OUT/merge_config.json --output_path AGAIN --strict --json",
  ],

  async run(line, { engine, console }) {
    const { switches } = line;
    const found = await answerTo(line, engine, (config, recipe) => engine.check(config, recipe));
    if (!switches.has("quiet")) printNotices(found.plan?.notices ?? [], console);
    console.out(switches.has("json") ? jsonText(found) : checkLines(found, console.outPaint).join("\n"));
    if (found.errors.length > 0) return FOUND_ERRORS;
  },
};
