import type { Complaints } from "./complaints.ts";
import { readMapping } from "./mapping.ts";
import { showTree, textOf } from "./scalars.ts";
import type { Spot, YamlEntry, YamlTree } from "./tree.ts";

/** A text that names a place, and perhaps a revision after an @: which it is depends on what is on the disk. */
interface UnreadPlace extends Spot {
  readonly text: string;
}

/** A path, or a name on the Hub, that stands by itself. */
interface ReadPlace extends Spot {
  readonly path: string;
  readonly revision?: string;
}

export type NamedPlace = UnreadPlace | ReadPlace;

/** A model as a recipe names it. */
export interface NamedModel extends Spot {
  /** In a text, a model's adapter may follow after a +; in a mapping it has a key of its own. */
  readonly place: NamedPlace;
  readonly adapter?: NamedPlace;
  readonly isText: boolean;
  /** Where the recipe gives the model another architecture's name. */
  readonly override?: Spot;
}

/** The model that a key names; undefined, with a complaint, when it names none. */
export function readModel({ value }: YamlEntry, complaints: Complaints): NamedModel | undefined {
  const spot = { offset: value.offset };
  if (value.kind === "scalar") {
    const place = readPlace(value, complaints);
    return place && { ...spot, place, isText: true };
  }
  const fields = readMapping(value, "modelMapping", complaints);
  const place = fields?.model && readPlace(fields.model.value, complaints);
  const adapter = fields?.lora && readPlace(fields.lora.value, complaints);
  const override = fields?.override_architecture;
  if (place === undefined) return undefined;
  return { ...spot, place, isText: false, ...(adapter && { adapter }), ...(override && { override }) };
}

function readPlace(tree: YamlTree, complaints: Complaints): NamedPlace | undefined {
  const spot = { offset: tree.offset };
  if (tree.kind !== "map") {
    const text = textOf(tree);
    if (text !== undefined && text !== "") return { ...spot, text };
    complaints.refuse(tree, {
      message: `expected a path or a model's name on the Hub, got ${showTree(tree)}`,
    });
    return undefined;
  }
  const fields = readMapping(tree, "locationMapping", complaints);
  const [path, revision] = [fields?.path, fields?.revision].map((entry) => entry && textOf(entry.value));
  for (const entry of [fields?.path, fields?.revision])
    if (entry !== undefined && (textOf(entry.value) ?? "") === "")
      complaints.refuse(entry.value, {
        message: `${entry.key}: expected a text, got ${showTree(entry.value)}`,
      });
  if (path === undefined || path === "") return undefined;
  return { ...spot, path, ...(revision !== undefined && { revision }) };
}
