import { flags, TensorweldError } from "../../index.ts";
import type { Problem } from "../../index.ts";
import { jsonSwitch, quietSwitch } from "../command.ts";
import type { Command } from "../command.ts";
import { inspectionLines } from "../inspection-text.ts";
import { printNotices } from "../notices.ts";
import { jsonText } from "../printable.ts";

const prefixFlag = flags.get("merge_prefix")!;

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
    const { argument: path, switches } = line;
    const { merge_prefix: prefix } = line.config;
    const problems = [...line.problems, ...missingPath(path), ...wrongPrefix(prefix)];
    if (path === undefined || problems.length > 0) throw new TensorweldError("refused", problems);
    const inspection = await engine.inspect(path, prefix ?? undefined);
    if (!switches.has("quiet")) printNotices(inspection.notices, console);
    const asText = (): string => inspectionLines(inspection, console.outPaint).join("\n");
    console.out(switches.has("json") ? jsonText(inspection) : asText());
  },
};

function missingPath(path: string | undefined): readonly Problem[] {
  if (path !== undefined) return [];
  const message = "inspect needs a checkpoint: its folder, or a weight file";
  return [{ code: "request/missing-value", message }];
}

/** The type says what a prefix is, but this one was typed. */
function wrongPrefix(typed: string | null | undefined): readonly Problem[] {
  if (typed === undefined || typed === null || prefixFlag.choices?.includes(typed)) return [];
  const message = `expected ${prefixFlag.wanted}, got ${JSON.stringify(typed)}`;
  return [{ code: "request/invalid-value", key: prefixFlag.name, message }];
}
