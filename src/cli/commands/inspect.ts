import { jsonSwitch, quietSwitch } from "../command.ts";
import type { Command } from "../command.ts";
import { inspectionLines } from "../inspection-text.ts";
import { namedModel, prefixFlag } from "../named-model.ts";
import { printNotices } from "../notices.ts";
import { jsonText } from "../printable.ts";

/** Lists the tensors of a checkpoint. */
export const inspectCommand: Command = {
  name: "inspect",
  summary: "List the tensors of a checkpoint, from its headers.",
  argument: "<checkpoint>",
  argumentHint: "inspect one checkpoint at a time",
  flags: [prefixFlag],
  switches: [jsonSwitch, quietSwitch],
  notes: "",
  examples: ["inspect MODEL", "inspect MODEL/model.safetensors --json"],

  async run(line, { console, engine }) {
    const { switches } = line;
    const { path, prefix } = namedModel(line, "inspect needs a checkpoint: its folder, or a weight file");
    const inspection = await engine.inspect(path, prefix);
    if (!switches.has("quiet")) printNotices(inspection.notices, console);
    const asText = (): string => inspectionLines(inspection, console.outPaint).join("\n");
    console.out(switches.has("json") ? jsonText(inspection) : asText());
  },
};
