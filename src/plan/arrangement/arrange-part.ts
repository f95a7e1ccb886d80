import { type DType, isMergeable } from "../../dtype.ts";
import type { Problem } from "../../errors.ts";
import type { Combination } from "../../methods/formula.ts";
import { methods } from "../../methods/index.ts";
import { withDefaults } from "../../methods/parameters.ts";
import type { Recipe } from "../../recipe/recipe.ts";
import type { Model } from "../models.ts";
import { advised } from "../checks/advised.ts";
import { shortened } from "../shortened.ts";
import type { ArrangedTensor, Source } from "./arranged-tensor.ts";
import { leadingMember, type Member, membersOf, type Part } from "./part.ts";
import { isVocabulary, mergedRows } from "./vocabulary.ts";
import type { MissingValue, ParameterRules, Place } from "./resolve.ts";

/** A part's tensors; when there are problems, those that have none. */
export interface ArrangedPart {
  readonly tensors: readonly ArrangedTensor[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Stored tensors that one tensor can be made of; merges of merges of merges grow past all measure. */
const MAX_READS = 1000;

/** What a tensor is made of. */
type Making = Pick<ArrangedTensor, "combination" | "sources" | "hasBase">;

/** What a model gets that is alone where the method needs several, and whose bytes can't be copied: nothing. */
const alone: Combination = { merge: { method: "linear", parameters: { weight: [1], normalize: false } } };

const rowsHint = "rows are merged by number: look whether they stand for the same tokens in all models";

const valueHint = "a value without a filter is for all tensors that no other one is for";

/** Says what the tensors of one part are made of; its members have the same tensors. */
export class PartArranger {
  private readonly part: Part;
  private readonly leader: Member;
  private readonly recipe: Recipe;
  private readonly rules: ParameterRules;
  /** Problems by kind, for each kind is listed up to a limit. */
  private readonly problems = new Map<string, Problem[]>();
  private readonly warnings: Problem[] = [];

  constructor(part: Part, donor: Model, recipe: Recipe, rules: ParameterRules) {
    this.part = part;
    this.leader = leadingMember(part, donor);
    this.recipe = recipe;
    this.rules = rules;
  }

  arrange(): ArrangedPart {
    const tensors = [...this.leader.tensors.keys()].flatMap((name) => this.tensor(name) ?? []);
    const problems = [...this.problems.values()].flatMap((found) => shortened(found, valueHint));
    return { tensors, problems, warnings: advised(this.warnings, rowsHint) };
  }

  private tensor(name: string): ArrangedTensor | undefined {
    const { leader, part, recipe } = this;
    // The checkpoint's own: what an adapter puts in its place may be of another type.
    const { dtype: stored, shape: whole } = leader.model.checkpoint.tensors.get(leader.nameOf(name))!;
    const dtype = recipe.dtype !== undefined && isMergeable(stored) ? recipe.dtype : stored;
    const place = {
      output: name,
      inputs: part.sources.map((member) => member.nameOf(name)),
      slice: part.slice,
      position: part.positionOf(name),
    };
    const shape = this.cut(name, whole);
    const making = isMergeable(dtype) ? this.merged(place, dtype) : this.copied(name);
    if (making === undefined) return undefined;
    const { slice, position } = place;
    const reads = making.sources.reduce(
      (sum, { model, name }) => sum + (model.made?.get(name)?.reads ?? 1),
      0,
    );
    if (reads > MAX_READS) this.add("reads", tooManyReads(name, reads));
    return { name, dtype, shape, ...making, reads, slice, position };
  }

  /** The shape of a tensor, of a vocabulary with the rows that are merged. */
  private cut(name: string, shape: readonly number[]): readonly number[] {
    const { part, recipe } = this;
    if (recipe.reconcile !== true || shape.length === 0 || !isVocabulary(name)) return shape;
    const rows = mergedRows(part, name);
    const longer = membersOf(part).find((member) => member.tensors.get(name)!.shape[0] !== rows);
    if (longer === undefined) return shape;
    const found = longer.tensors.get(name)!.shape[0]!;
    const made = longer.model.made?.get(longer.nameOf(name));
    if (made?.combination !== undefined) this.add("rows", uncuttable(longer, name, found, rows));
    const message = `has ${found} rows here, and the first ${rows} are merged, which all models have`;
    this.warnings.push({ code: "check/rows", tensor: name, file: longer.model.checkpoint.path, message });
    return [rows, ...shape.slice(1)];
  }

  private merged(place: Place, dtype: DType): Making | undefined {
    const { part, recipe } = this;
    const sources = membersOf(part).map((member) => sourceOf(member, place.output));
    const { model, name, tensor } = sources[0]!;
    const isAlone = sources.length === 1;
    // Without models there is no difference to the base, which is then a model by itself.
    const hasBase = part.base !== undefined && !isAlone;
    const idle = isAlone && (part.base !== undefined || needsSeveral(recipe.combination));
    const combination = idle ? alone : this.resolved(place);
    if (combination === undefined) return undefined;
    // A model by itself that is not changed and keeps its type is not computed either: its bytes stay what they are.
    const isUntouched =
      isAlone && leavesOneAsItIs(combination) && !model.updates.has(name) && tensor.dtype === dtype;
    return { ...(!isUntouched && { combination }), sources, hasBase };
  }

  /** The leader's tensor, and those that are only compared with it. */
  private copied(output: string): Making {
    const members = membersOf(this.part);
    const first = members.indexOf(this.leader);
    const inOrder = [this.leader, ...members.filter((_, index) => index !== first)];
    return {
      sources: inOrder.map((member) => sourceOf(member, output)),
      hasBase: this.part.base !== undefined,
    };
  }

  /** The combination for a place, or undefined when the recipe has none; that is then among the problems. */
  private resolved(place: Place): Combination | undefined {
    const resolution = this.rules.resolve(place);
    if ("combination" in resolution) return resolution.combination;
    if ("conflict" in resolution) {
      this.add("conflict", conflictProblem(resolution.conflict, place));
      return undefined;
    }
    for (const missing of resolution.missing) {
      const member = missing.source === undefined ? undefined : this.part.sources[missing.source]!;
      this.add(JSON.stringify(missing), missingProblem(missing, place, member));
    }
    return undefined;
  }

  private add(kind: string, problem: Problem): void {
    this.problems.set(kind, [...(this.problems.get(kind) ?? []), problem]);
  }
}

function sourceOf(member: Member, output: string): Source {
  return { model: member.model, name: member.nameOf(output), tensor: member.tensors.get(output)! };
}

function needsSeveral({ sparsify, merge }: Combination): boolean {
  const method = methods.get(merge.method);
  return sparsify === undefined && method?.keepsOne === undefined && method!.models.minimum > 1;
}

function leavesOneAsItIs({ sparsify, merge }: Combination): boolean {
  const method = methods.get(merge.method)!;
  const values = withDefaults(method.parameters, merge.parameters, 1);
  return sparsify === undefined && method.keepsOne?.(values) === true;
}

function missingProblem({ method, parameter }: MissingValue, { output }: Place, member?: Member): Problem {
  return {
    code: "request/missing-value",
    tensor: member?.nameOf(output) ?? output,
    ...(member && { file: member.model.checkpoint.path }),
    message: `${method} needs a value for ${JSON.stringify(parameter)}, and the recipe has none for it`,
  };
}

function tooManyReads(tensor: string, reads: number): Problem {
  const message = `is made of ${reads} tensors, and at most ${MAX_READS} can be`;
  return { code: "request/not-available", tensor, message, hint: "write out one of the merges before" };
}

/** What is counted over a whole tensor in an earlier merge would be counted over a part of it. */
function uncuttable(member: Member, output: string, found: number, rows: number): Problem {
  return {
    code: "plan/tensor-shape",
    tensor: member.nameOf(output),
    file: member.model.checkpoint.path,
    message: `has ${found} rows in an earlier merge, of which only the first ${rows} would be merged`,
    hint: "write that merge out before",
  };
}

function conflictProblem(message: string, { output }: Place): Problem {
  return { code: "request/invalid-value", tensor: output, message };
}
