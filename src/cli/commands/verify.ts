import type { Verification } from "../../index.ts";
import { type Command, jsonSwitch, quietSwitch } from "../command.ts";
import { namedModel, prefixFlag } from "../named-model.ts";
import { printNotices } from "../notices.ts";
import { jsonText } from "../printable.ts";
import { startProgress } from "../progress.ts";
import { verificationLines } from "../verification-text.ts";

/** The exit code when an output is not what was written; a request that is itself at fault has that of all refusals. */
const FOUND_DAMAGE = 1;

/** Says whether an output is what its merge wrote. */
export const verifyCommand: Command = {
  name: "verify",
  summary: "Read an output again, and tell whether it is what was written.",
  argument: "<output>",
  argumentHint: "verify one output at a time",
  flags: [prefixFlag],
  switches: [jsonSwitch, quietSwitch],
  notes:
    "All of it is compared with its merge_manifest.json. Of a model without one, the structure is checked, and NaN and " +
    "infinite elements are counted; --merge_prefix is for such models only. The exit code is 1 when something is " +
    "damaged or missing.",
  examples: ["verify OUT", "verify OUT --quiet --json"],

  async run(line, host) {
    const { console, engine, signal } = host;
    const { switches } = line;
    const { path, ...prefix } = namedModel(line, "verify needs an output: its folder");
    const start = host.now();
    const progress = switches.has("quiet") ? undefined : startProgress(console, () => host.now());
    let found: Verification;
    try {
      found = await engine.verify(path, {
        ...prefix,
        signal,
        onProgress: (state) => progress?.update(state),
      });
    } finally {
      progress?.end();
    }
    const seconds = (host.now() - start) / 1000;
    if (!switches.has("quiet")) printNotices(found.notices, console);
    const asText = (): string => verificationLines(found, seconds, console.outPaint).join("\n");
    console.out(switches.has("json") ? jsonText(found) : asText());
    if (found.problems.length > 0) return FOUND_DAMAGE;
  },
};
