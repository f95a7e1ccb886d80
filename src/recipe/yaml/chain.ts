import type { Complaints } from "./complaints.ts";
import type { MergeDocument } from "./document.ts";
import type { Located } from "./cast.ts";
import { namedModels } from "./named-models.ts";

/** The merges of a file in an order in which each comes after those that it takes models from; the last is the output. */
export type Chain = readonly MergeDocument[];

/** The names that documents have, with a complaint of every name that is given twice. */
export function namesOf(documents: readonly MergeDocument[], complaints: Complaints): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name } of documents) {
    if (name === undefined) continue;
    if (names.has(name.text))
      complaints.refuse(name, {
        message: `there is another merge called ${name.text}`,
        hint: "rename one of them",
      });
    names.add(name.text);
  }
  return names;
}

/**
 * Puts documents in order, with complaints of merges that need each other. What the output does not need is left out,
 * with a notice. Empty when it can't be told which document is the output.
 */
export function chainOf(
  documents: readonly MergeDocument[],
  located: Located,
  complaints: Complaints,
): Chain {
  const output = outputOf(documents, complaints);
  const walk: Walk = { documents, located, complaints, entered: new Set(), chain: [] };
  if (output === undefined) return [];
  visit(output, walk);
  const needed = new Set(walk.chain);
  for (const document of documents) {
    if (needed.has(document)) continue;
    const message = "this merge is left out: the output does not need it";
    complaints.notice(document.name ?? document, message);
    // Its own cycles are no less wrong.
    visit(document, walk);
  }
  return walk.chain.slice(0, needed.size);
}

/** The one document without a name; a document that is alone may have one. */
function outputOf(documents: readonly MergeDocument[], complaints: Complaints): MergeDocument | undefined {
  const [unnamed, ...others] = documents.filter(({ name }) => name === undefined);
  for (const other of others)
    complaints.refuse(other, {
      message: "this is the second merge without a name, and only the output has none",
      hint: "give it a name:, and refer to it by that in place of a model's path",
    });
  if (unnamed !== undefined || documents.length === 1) return unnamed ?? documents[0];
  const last = documents.at(-1);
  if (last !== undefined)
    complaints.refuse(last.name ?? last, {
      message: `all ${documents.length} merges have names, so it is not said which is the output`,
      hint: "leave out the name: of the one that is",
    });
  return undefined;
}

interface Walk {
  readonly documents: readonly MergeDocument[];
  readonly located: Located;
  readonly complaints: Complaints;
  /** Those whose needs are or were looked at. */
  readonly entered: Set<MergeDocument>;
  /** Those whose needs are all before them. */
  readonly chain: MergeDocument[];
}

function visit(document: MergeDocument, walk: Walk): void {
  if (walk.entered.has(document)) return;
  walk.entered.add(document);
  for (const model of namedModels(document)) {
    const name = walk.located.get(model)?.merge;
    const needed = walk.documents.find((other) => name !== undefined && other.name?.text === name);
    if (needed === undefined) continue;
    if (walk.entered.has(needed) && !walk.chain.includes(needed))
      walk.complaints.refuse(model, {
        code: "request/contradiction",
        message: `${name} needs this merge for its own models: neither can be the first`,
        hint: "name a model on the disk in one of them",
      });
    visit(needed, walk);
  }
  walk.chain.push(document);
}
