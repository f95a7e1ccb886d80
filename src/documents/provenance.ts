import type { DType } from "../dtype.ts";
import type { WeightPrefix } from "../formats/format.ts";
import type { AppliedMethod } from "../methods/formula.ts";

/**
 * Where an output comes from, as plain data: what decided its bytes, under names that mean something elsewhere. Nothing
 * of the machine or the moment is in it.
 */
export interface Provenance {
  readonly tool: "tensorweld";
  readonly version: string;
  readonly sparsify?: AppliedMethod;
  /** All parameters but the weights, which stand with their models; absent when an adapter was added to its base. */
  readonly merge?: AppliedMethod;
  readonly seed: number;
  /** Absent when each tensor kept the type it had. */
  readonly dtype?: DType;
  readonly prefix: WeightPrefix;
  /** `sha256:` and the hash of the recipe's text, when it was read from a file in mergekit's language. */
  readonly recipe?: string;
  /**
   * Where the arithmetic was asked for; absent: on CPUs, which all agree. Which devices then did it stands in the output's
   * manifest: that is known only when the weights, and their headers, are written.
   */
  readonly device?: "gpu";
  /** The base first, when there was one, then the models in the order of summation. */
  readonly inputs: readonly ProvenanceInput[];
}

export interface ProvenanceInput {
  /** The name of its repository on the hub, else of its folder. */
  readonly name: string;
  readonly role: "base" | "model";
  readonly weight?: number;
  readonly adapter?: { readonly name: string; readonly files: readonly FilePrint[] };
  readonly files: readonly FilePrint[];
  /** Of a model that is itself a merge: its provenance, or `sha256:` and the hash of the text that was left out. */
  readonly provenance?: Provenance | string;
}

/** A file by what tells it from others. */
export interface FilePrint {
  /** Its name, without folders. */
  readonly name: string;
  /** SHA-256 of its header in hexadecimal. */
  readonly header: string;
}

/** The key of a shard's own key-value pairs under which the output's provenance stands. */
export const PROVENANCE_KEY = "tensorweld";

/** Bytes of a provenance that goes into the next one. A merge of three models in a hundred files each takes 35,000. */
export const MAX_PROVENANCE_BYTES = 65_536;

/** The one text that stands for a provenance. */
export function provenanceText(provenance: Provenance): string {
  return JSON.stringify(provenance);
}

/** Whether another merge's provenance can hold one with this text. */
export function isShortEnough(text: string): boolean {
  return new TextEncoder().encode(text).length <= MAX_PROVENANCE_BYTES;
}
