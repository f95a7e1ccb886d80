import { combinationName, flags, modelText } from "../../index.ts";
import type { Plan, Report } from "../../index.ts";
import { jsonSwitch, quietSwitch } from "../command.ts";
import type { Command } from "../command.ts";
import { printNotices } from "../notices.ts";
import { planFor } from "../planning.ts";
import { jsonText } from "../printable.ts";
import { startProgress } from "../progress.ts";
import { bytesText, countText, durationText, rateText } from "../quantities.ts";
import { findingRows } from "../report-text.ts";
import { indented, tableLines } from "../table.ts";

/** Merges models and says what became of it. */
export const mergeCommand: Command = {
  name: "merge",
  summary: "Merge models into one. The output appears only when it is complete.",
  argument: "[config.json]",
  argumentHint: "models go after --model_path_list",
  flags: [...flags.values()],
  switches: [jsonSwitch, quietSwitch],
  notes:
    "Flags may be written with hyphens too, and [true|false] ones as --no_NAME. A .json file has the flags " +
    "as keys, like the merge_config.json of an output; flags override it.",
  examples: [
    "merge --model_path_list A B --output_path OUT",
    "merge --model_path_list A B --weight_list 0.7 0.3 --base_model_path BASE --output_path OUT",
    "merge --model_path_list A B --output_path OUT --resume",
    "merge OUT/merge_config.json --output_path AGAIN --n_process auto",
  ],

  async run(line, host) {
    const { console, engine, signal } = host;
    const quiet = line.switches.has("quiet");
    const plan = await planFor(line, host);
    const progress = quiet ? undefined : startProgress(console, () => host.now());
    let report: Report;
    try {
      report = await engine.execute(plan, { signal, onProgress: (state) => progress?.update(state) });
    } finally {
      progress?.end();
    }
    const later = report.notices.filter((notice) => !plan.notices.includes(notice));
    if (!quiet) printNotices(later, console);
    console.out(
      line.switches.has("json")
        ? jsonText({ ...report, peakMemoryBytes: host.peakBytes() })
        : summary(plan, report, host.peakBytes()).join("\n"),
    );
  },
};

function summary({ recipe }: Plan, report: Report, peakBytes: number): readonly string[] {
  if (report.alreadyDone) return [`Nothing to do: ${report.outputPath} is this merge's output already.`];
  const { bytesRead, bytesWritten, seconds, tensors, merged, copied, tensorReports } = report;
  const { pieces, resumedPieces } = report;
  const [first, second] = recipe.models;
  const isAdapter = first?.adapter !== undefined && second === undefined;
  const rows = [
    isAdapter ? ["adapter", first.adapter] : ["method", combinationName(recipe.combination)],
    ["tensors", `${countText(tensors)} (${countText(merged)} merged, ${countText(copied)} copied)`],
    ["bytes", `${bytesText(bytesRead)} read, ${bytesText(bytesWritten)} written`],
    ...(resumedPieces > 0
      ? [["resumed", `${countText(resumedPieces)} of ${countText(pieces)} pieces were there`]]
      : []),
    ...findingRows(tensorReports, recipe.models.map(modelText)),
    ["time", `${durationText(seconds)}, ${rateText(bytesRead + bytesWritten, seconds)}`],
    ["memory", `${bytesText(peakBytes)} at the peak`],
    ["seed", String(report.seed)],
    ["output", report.outputPath],
  ];
  const title = isAdapter ? "Merged an adapter into its base." : `Merged ${recipe.models.length} models.`;
  return [title, ...indented(tableLines(rows, ["left", "left"]))];
}
