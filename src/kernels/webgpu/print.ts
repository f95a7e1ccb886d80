import type { DType } from "../../dtype.ts";
import { ops } from "../../formula/ops.ts";
import { reductions } from "../../formula/reductions.ts";
import type { Instruction, StageReduction, Structure } from "../../formula/stage.ts";
import type { Layout } from "../backend.ts";
import { type Codec, codecs } from "./codecs.ts";
import { FLOAT32 } from "./float32.ts";
import { type Parameters, parametersOf } from "./parameters.ts";
import { PHILOX } from "./philox.ts";
import { SUM_WORDS, SUMS } from "./sums.ts";
import { lookupName, lookupText, tallyName, tallyText } from "./trees.ts";
import { SLICE_ELEMENTS, WORKGROUP_LANES } from "./workgroup.ts";

/** Numbers of the buffers that all shaders are bound to. */
export const bindings = { parameters: 0, inputs: 1, output: 2, trees: 3, tallies: 4, partials: 5 } as const;

/** Whether a device computes with all types of a layout, and has all that a pass is made of. */
export function isPrintable({ reductions: all, ranks }: Structure, { inputs, output }: Layout): boolean {
  const hasTypes = [...inputs, output].every((dtype) => codecs[dtype] !== undefined);
  return hasTypes && ranks === 0 && all.every(({ by }) => reductions[by].wgsl.lanes !== "none");
}

/** Words that each slice's partials take, and where those of each reduction begin. */
export function partialWords({ reductions: all }: Structure): {
  readonly starts: readonly number[];
  readonly length: number;
} {
  let length = 0;
  const starts = all.map(({ by }) => {
    const start = length;
    length += reductions[by].wgsl.lanes === "sum" ? SUM_WORDS : 1;
    return start;
  });
  return { starts, length };
}

/** The compute shader of one pass, `main`: each workgroup computes a slice. */
export function printStructure(structure: Structure, layout: Layout): string {
  const parameters = parametersOf(structure, layout.inputs.length);
  const types = [...new Set([...layout.inputs, layout.output])];
  const lookups = structure.instructions.filter((one) => one.kind === "lookup");
  const functions = new Set([
    ...types.map((dtype) => codecOf(dtype).text),
    ...lookups.map(({ widths }) => lookupText(widths)),
    ...structure.tallies.map(({ widths, level }) => tallyText(widths, level)),
  ]);
  return [HEAD, FLOAT32, PHILOX, SUMS, ...functions, mainText(structure, layout, parameters)].join("\n");
}

const HEAD = /* wgsl */ `
@group(0) @binding(${bindings.parameters}) var<storage, read> parameters: array<u32>;
@group(0) @binding(${bindings.inputs}) var<storage, read> inputs: array<u32>;
@group(0) @binding(${bindings.output}) var<storage, read_write> output: array<u32>;
@group(0) @binding(${bindings.trees}) var<storage, read> trees: array<i32>;
@group(0) @binding(${bindings.tallies}) var<storage, read_write> tallies: array<atomic<u32>>;
@group(0) @binding(${bindings.partials}) var<storage, read_write> partials: array<u32>;
`;

function mainText(structure: Structure, layout: Layout, parameters: Parameters): string {
  const { instructions, emit } = structure;
  const loads = layout.inputs.map(
    (dtype, input) => `let input${input} = load${dtype}(${word(parameters.inputs[input]!)}, quad);`,
  );
  const randoms = parameters.keys.map(
    ([low, high], stream) =>
      `let random${stream} = uniforms(counterOf(quad, ${parameters.counter.map(word).join(", ")}), vec2<u32>(${word(low)}, ${word(high)}));`,
  );
  const values = instructions.map((one, number) => `let v${number} = ${valueText(one, parameters)};`);
  return /* wgsl */ `
@compute @workgroup_size(${WORKGROUP_LANES})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let slice = group.y * groups.x + group.x;
  let elements = ${word(parameters.elements)};
  ${startTexts(structure).join("\n  ")}
  for (var turn = 0u; turn < ${SLICE_ELEMENTS / 4}u; turn += ${WORKGROUP_LANES}u) {
    let quad = slice * ${SLICE_ELEMENTS / 4}u + turn + lane;
    if (quad * 4u >= elements) { break; }
    ${[...loads, ...randoms].join("\n    ")}
    var emitted = vec4<u32>();
    for (var i = 0u; i < min(4u, elements - quad * 4u); i++) {
      ${values.join("\n      ")}
      ${termTexts(structure).join("\n      ")}
      ${tallyCalls(structure, parameters).join("\n      ")}
      ${emit === undefined ? "" : `emitted[i] = v${emit};`}
    }
    ${emit === undefined ? "" : `store${layout.output}(quad, emitted);`}
  }
  ${foldTexts(structure).join("\n  ")}
}`;
}

function valueText(instruction: Instruction, parameters: Parameters): string {
  switch (instruction.kind) {
    case "input":
      return `input${instruction.index}[i]`;
    case "scalar":
      return word(parameters.scalars[instruction.slot]!);
    case "random":
      return `random${instruction.slot}[i]`;
    case "lookup":
      return `${lookupName(instruction.widths)}(${word(parameters.trees[instruction.slot]!)}, v${instruction.arg})`;
    case "op":
      return ops[instruction.op].wgsl(...instruction.args.map((arg) => `v${arg}`));
    case "rowRank":
      throw new Error("ranks in rows are no matter of a device");
  }
}

function tallyCalls({ tallies }: Structure, parameters: Parameters): readonly string[] {
  return tallies.map(({ arg, widths, level, slot }, index) => {
    const tree = slot === undefined ? "0u" : word(parameters.trees[slot]!);
    return `${tallyName(widths, level)}(${tree}, ${word(parameters.tallies[index]!)}, v${arg});`;
  });
}

/** A reduction, its number, and the values that it takes. */
interface Reduced {
  readonly row: (typeof reductions)[StageReduction["by"]]["wgsl"];
  readonly index: number;
  readonly values: readonly string[];
  /** Number of its first word among a slice's. */
  readonly start: number;
}

function reducedBy(structure: Structure, lanes: Reduced["row"]["lanes"]): readonly Reduced[] {
  const { starts } = partialWords(structure);
  return structure.reductions
    .map(({ by, args }, index) => {
      const values = args.map((arg) => `v${arg}`);
      return { row: reductions[by].wgsl, index, values, start: starts[index]! };
    })
    .filter(({ row }) => row.lanes === lanes);
}

// Sums are long to write and to compile: a loop goes over them.
function startTexts(structure: Structure): readonly string[] {
  const sums = reducedBy(structure, "sum");
  const counts = reducedBy(structure, "mask").map(({ index }) => `var count${index} = 0u;`);
  return sums.length === 0 ? counts : [...counts, `var sums = ${arrayText("Sum", sums, () => "EMPTY")};`];
}

function termTexts(structure: Structure): readonly string[] {
  const sums = reducedBy(structure, "sum");
  const counts = reducedBy(structure, "mask").map(
    ({ index, values }) => `count${index} += u32(${values.join("")});`,
  );
  if (sums.length === 0) return counts;
  const factor = ({ row, values }: Reduced, side: 0 | 1): string =>
    row.lanes === "sum" ? row.factors(...values)[side] : "";
  return [
    ...counts,
    `var left = ${arrayText("u32", sums, (sum) => factor(sum, 0))};`,
    `var right = ${arrayText("u32", sums, (sum) => factor(sum, 1))};`,
    `for (var k = 0u; k < ${sums.length}u; k++) { sums[k] = withProduct(sums[k], left[k], right[k]); }`,
  ];
}

/** Puts the invocations' reductions together, one after the other, in the same room. */
function foldTexts(structure: Structure): readonly string[] {
  const at = `slice * ${partialWords(structure).length}u`;
  const counts = reducedBy(structure, "mask").map(
    ({ index, start }) => `storeCount(count${index}, lane, ${at} + ${start}u, ${inRange});`,
  );
  const sums = reducedBy(structure, "sum");
  if (sums.length === 0) return counts;
  return [
    ...counts,
    `var starts = ${arrayText("u32", sums, ({ start }) => `${start}u`)};`,
    `for (var k = 0u; k < ${sums.length}u; k++) { storeSum(sums[k], lane, ${at} + starts[k], ${inRange}); }`,
  ];
}

function arrayText(type: string, items: readonly Reduced[], text: (item: Reduced) => string): string {
  return `array<${type}, ${items.length}>(${items.map(text).join(", ")})`;
}

/** The last row of workgroups may be longer than there are slices. */
const inRange = `slice * ${SLICE_ELEMENTS}u < elements`;

/** A word of the parameters. */
function word(number: number): string {
  return `parameters[${number}]`;
}

function codecOf(dtype: DType): Codec {
  const codec = codecs[dtype];
  if (codec === undefined) throw new Error(`${dtype} is not computed with on a device`);
  return codec;
}
