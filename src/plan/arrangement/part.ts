import type { TensorInfo } from "../../formats/checkpoint.ts";
import type { Model } from "../models.ts";

/** A model's share in a part of the output: its tensors, under the names that they get there. */
export interface Member {
  readonly model: Model;
  /** By the names of the output. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** What the model itself calls a tensor of the output, whether it has it or not. */
  nameOf(output: string): string;
}

/** Tensors of the output that are made of the same models. */
export interface Part {
  readonly base?: Member;
  /** In the order of summation. */
  readonly sources: readonly Member[];
  /** Number of the slice whose rules hold for it. */
  readonly slice: number;
  /** How deep in its stack of layers a tensor lies: 0 in the first and outside layers, 1 in the last. */
  positionOf(output: string): number;
}

/** All members, the base first. */
export function membersOf({ base, sources }: Part): readonly Member[] {
  return base === undefined ? sources : [base, ...sources];
}

/** The member whose names, types and sizes the part has: the donor's if that is one, else the base, else the first. */
export function leadingMember(part: Part, donor: Model): Member {
  const members = membersOf(part);
  return members.find(({ model }) => model === donor) ?? members[0]!;
}

/** A model's share when all of it is merged, name by name. */
export function wholeMember(model: Model): Member {
  return { model, tensors: model.tensors, nameOf: (output) => output };
}
