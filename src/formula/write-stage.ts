import type { Node, ReductionNode, TallyNode } from "./nodes.ts";
import { type RowLevel, rowLevels } from "./row-levels.ts";
import { type Prelude, slotOf, type Stage, StageSlots, StructureWriter } from "./stage.ts";

/** The stage that makes some values of a tensor and, with an output, emits that. */
export function writeStage(results: readonly (ReductionNode | TallyNode)[], output: Node | undefined): Stage {
  const slots = new StageSlots();
  const values = [...results.flatMap(({ of }) => of), ...(output ? [output] : [])];
  const preludes = rowLevels(values).flatMap((level) => writePreludes(level, slots));
  const reduced = results.filter((node) => node.kind === "reduction");
  const tallied = results.filter((node) => node.kind === "tally");
  const structure = new StructureWriter(slots).write(reduced, tallied, output);
  const { scalars, trees, streams } = slots;
  return { preludes, structure, scalars, trees, streams, results: [...reduced, ...tallied] };
}

/** One prelude for all reductions of a level, and one for each of its ranks, which need a row of their own. */
function writePreludes({ reductions, ranks, hosts }: RowLevel, slots: StageSlots): readonly Prelude[] {
  const preludes: Prelude[] = [];
  if (reductions.length > 0) {
    const structure = new StructureWriter(slots).write(reductions, [], undefined);
    const results = reductions.map((node) => slotOf(slots.scalars, node));
    const computed = hosts.map((node) => ({
      compute: node.compute,
      args: node.args.map((arg) => slotOf(slots.scalars, arg)),
      slot: slotOf(slots.scalars, node),
    }));
    preludes.push({ structure, results, hosts: computed });
  }
  for (const rank of ranks) {
    preludes.push({
      structure: new StructureWriter(slots).write([], [], rank.of),
      results: [],
      hosts: [],
    });
    slotOf(slots.ranks, rank);
  }
  return preludes;
}
