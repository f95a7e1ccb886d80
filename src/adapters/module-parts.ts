import type { Checkpoint, TensorInfo } from "../formats/checkpoint.ts";
import { shorten } from "../formats/describe-json.ts";
import type { ProblemList } from "../formats/problem-list.ts";

/** Characters of a tensor's name; real ones have some hundred. */
const maxNameCharacters = 1000;

/** What the name of a tensor says: it is a part of a module's update, or takes the place of another tensor. */
export type Meaning<Part extends string> =
  | { readonly module: string; readonly part: Part }
  | { readonly replaces: string };

/** The tensors of an adapter, sorted by what they are for. */
export interface SortedTensors<Part extends string> {
  /** The parts of updates, by module. */
  readonly modules: ReadonlyMap<string, ReadonlyMap<Part, TensorInfo>>;
  readonly replacements: ReadonlyMap<string, TensorInfo>;
}

/** Sorts the tensors of `weights` by their names; those whose names mean nothing, or the same, are problems. */
export function sortTensors<Part extends string>(
  { tensors }: Checkpoint,
  meaningOf: (name: string) => Meaning<Part> | undefined,
  problems: ProblemList,
): SortedTensors<Part> {
  const modules = new Map<string, Map<Part, TensorInfo>>();
  const replacements = new Map<string, TensorInfo>();
  const place = <Key>(into: Map<Key, TensorInfo>, key: Key, tensor: TensorInfo): void => {
    const first = into.get(key);
    into.set(key, first ?? tensor);
    if (first === undefined) return;
    const message = `stands for the same as ${JSON.stringify(shorten(first.name))}`;
    const hint = "keep the tensors of one adapter in the file";
    problems.add({ code: "adapter/weights", tensor: tensor.name, message, hint });
  };
  for (const tensor of tensors.values()) {
    const { length } = tensor.name;
    const meaning = length > maxNameCharacters ? undefined : meaningOf(tensor.name);
    if (length > maxNameCharacters) {
      const message = `has a name of ${length} characters, more than the ${maxNameCharacters} that are read`;
      problems.add({ code: "adapter/weights", tensor: tensor.name, message });
    } else if (meaning === undefined) {
      const message = "is the name of nothing that a LoRA adapter of this library has";
      problems.add({ code: "adapter/weights", tensor: tensor.name, message });
    } else if ("replaces" in meaning) {
      place(replacements, meaning.replaces, tensor);
    } else {
      const parts = modules.get(meaning.module) ?? new Map<Part, TensorInfo>();
      modules.set(meaning.module, parts);
      place(parts, meaning.part, tensor);
    }
  }
  return { modules, replacements };
}
