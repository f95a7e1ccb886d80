import { type AdapterDescription, type Problem, TensorweldError } from "../../index.ts";
import { type Command, jsonSwitch } from "../command.ts";
import { jsonText } from "../printable.ts";
import { bytesText, countText } from "../quantities.ts";
import { indented, tableLines } from "../table.ts";

/** Lists the GPUs that merges can run on. */
export const devicesCommand: Command = {
  name: "devices",
  summary: "List the GPUs for --device gpu, and what they take at once.",
  argument: "",
  argumentHint: "devices takes no argument",
  flags: [],
  switches: [jsonSwitch],
  notes: "",
  examples: ["devices", "devices --json"],

  async run(line, { console, engine }) {
    const problems = [...line.problems, ...surplus(line.argument)];
    if (problems.length > 0) throw new TensorweldError("refused", problems);
    const found = await engine.devices();
    console.out(line.switches.has("json") ? jsonText({ devices: found }) : devicesText(found));
  },
};

function surplus(argument: string | undefined): readonly Problem[] {
  if (argument === undefined) return [];
  const message = `devices takes no argument, got ${JSON.stringify(argument)}`;
  return [{ code: "request/invalid-value", message, hint: "leave it out" }];
}

function devicesText(found: readonly AdapterDescription[]): string {
  if (found.length === 0) {
    return "No GPU was found. WebGPU looks for drivers of Vulkan, Metal and Direct3D 12; on Linux a GPU needs libvulkan1 and its own driver.";
  }
  return found.flatMap((device, index) => [deviceTitle(device, index), ...deviceLines(device)]).join("\n");
}

function deviceTitle({ name, isSoftware }: AdapterDescription, index: number): string {
  const remarks = [isSoftware ? "software" : "", index === 0 ? "taken first" : ""].filter(
    (one) => one !== "",
  );
  return `${name}${remarks.length === 0 ? "" : ` (${remarks.join(", ")})`}`;
}

function deviceLines({ backend, vendor, architecture, limits }: AdapterDescription): readonly string[] {
  const rows = [
    ["through", backend],
    ["vendor", vendor],
    ["architecture", architecture],
    ["largest buffer", bytesText(limits.maxBufferSize)],
    ["largest binding", bytesText(limits.maxStorageBufferBindingSize)],
    ["workgroups a side", countText(limits.maxComputeWorkgroupsPerDimension)],
  ];
  return indented(
    tableLines(
      rows.filter(([, value]) => value !== ""),
      ["left", "left"],
    ),
  );
}
