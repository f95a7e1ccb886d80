import { type Document, isAlias, isScalar, isSeq, type ParsedNode, Scalar } from "yaml";
import { showValue } from "../show-value.ts";
import type { Complaints } from "./complaints.ts";
import type { Spot, YamlEntry, YamlScalar, YamlTree } from "./tree.ts";

/** Values of a document when every alias is written out; a recipe's text has some thousands at most. */
const maxValues = 100_000;

/** How a merge key of YAML 1.1 is written: the entries of another mapping are to be taken over. */
const MERGE_KEY = "<<";

/** A value, and how many values it is: itself, those in it, and those that aliases in it stand for. */
interface Counted {
  readonly tree: YamlTree;
  readonly values: number;
}

/** The tree of a document, as far as there is nothing to complain of; undefined when it is empty. */
export function readTree(document: Document.Parsed, complaints: Complaints): YamlTree | undefined {
  if (document.contents === null) return undefined;
  const reader = new TreeReader(complaints);
  const { tree, values } = reader.read(document.contents);
  if (values > maxValues)
    reader.refuse(tree, `is more than ${maxValues} values, those that aliases stand for included`);
  return tree.kind === "scalar" && tree.isPlain && tree.text === "" ? undefined : tree;
}

class TreeReader {
  private readonly complaints: Complaints;
  /** What has been read to its end: an alias within its own anchor finds nothing. */
  private readonly anchors = new Map<string, Counted>();

  constructor(complaints: Complaints) {
    this.complaints = complaints;
  }

  read(node: ParsedNode): Counted {
    const spot = { offset: node.range[0] };
    if (isAlias(node)) return this.readAlias(node.source, spot);
    if (node.tag !== undefined)
      this.refuse(spot, `has the tag ${showValue(node.tag)}`, "write values without tags");
    const counted = this.readValue(node, spot);
    if (node.anchor !== undefined) this.anchors.set(node.anchor, counted);
    return counted;
  }

  refuse(spot: Spot, message: string, hint?: string): void {
    this.complaints.refuse(spot, { code: "request/unreadable-config", message, hint });
  }

  private readAlias(name: string, spot: Spot): Counted {
    const target = this.anchors.get(name);
    if (target === undefined)
      this.refuse(spot, `*${name} stands for nothing`, `give a value the name &${name} further up`);
    return target ?? { tree: empty(spot), values: 1 };
  }

  private readValue(node: Exclude<ParsedNode, { readonly anchor?: never }>, spot: Spot): Counted {
    if (isScalar(node)) {
      const text = textOf(node);
      return { tree: { kind: "scalar", ...spot, text, isPlain: node.type === Scalar.PLAIN }, values: 1 };
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.read(item));
      return { tree: { kind: "list", ...spot, items: items.map(({ tree }) => tree) }, values: total(items) };
    }
    const keys = new Set<string>();
    const values: Counted[] = [];
    const entries: YamlEntry[] = [];
    for (const { key, value } of node.items) {
      const name = this.readKey(key, keys);
      const counted = value === null ? undefined : this.read(value);
      if (counted !== undefined) values.push(counted);
      const at = { offset: key.range[0] };
      entries.push({ key: name, ...at, value: counted?.tree ?? empty(at) });
    }
    return { tree: { kind: "map", ...spot, entries }, values: total(values) };
  }

  private readKey(key: ParsedNode, before: Set<string>): string {
    const spot = { offset: key.range[0] };
    const name = isScalar(key) ? textOf(key) : undefined;
    if (name === undefined) this.refuse(spot, "is a key that is no text", "write key: value");
    else if (name === MERGE_KEY)
      this.refuse(spot, `${MERGE_KEY} takes over the entries of another mapping`, "write them out");
    else if (before.has(name))
      this.refuse(spot, `the key ${showValue(name)} is given twice`, "keep one of them");
    before.add(name ?? "");
    return name ?? "";
  }
}

/** A scalar's text; the schema that is read by makes nothing else of scalars. */
function textOf({ value }: Scalar): string {
  return typeof value === "string" ? value : "";
}

function empty(spot: Spot): YamlScalar {
  return { kind: "scalar", ...spot, text: "", isPlain: true };
}

function total(parts: readonly Counted[]): number {
  return parts.reduce((sum, { values }) => sum + values, 1);
}
