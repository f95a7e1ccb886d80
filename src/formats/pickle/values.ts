import type { TextEscape } from "../checkpoint.ts";

/**
 * What a pickle holds, as plain data. Nothing is ever called: what Python would call stands here as a `Call`, and
 * whoever asked for the pickle decides what it means.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | Float
  | string
  | Extent
  | Sequence
  | Dictionary
  | Global
  | Call
  | PersistentId
  | OutOfBand;

/** A floating-point number, kept apart from whole numbers, which are a `number` or from 2^53 on a `bigint`. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** Bytes that stay in the file: a bytes object, or a text too long to be a name. */
export class Extent {
  /** Offset in the file of the first byte. */
  readonly offset: number;
  /** Length in the file. */
  readonly bytes: number;
  /** How text stands for bytes; absent when the bytes are themselves. */
  readonly escape: TextEscape | undefined;

  constructor(offset: number, bytes: number, escape?: TextEscape) {
    this.offset = offset;
    this.bytes = bytes;
    this.escape = escape;
  }
}

/** A tuple, a list or a set. */
export class Sequence {
  readonly items: PickleValue[];
  readonly kind: "tuple" | "list" | "set" | "frozenset";

  constructor(items: PickleValue[], kind: Sequence["kind"] = "tuple") {
    this.items = items;
    this.kind = kind;
  }
}

/** A dict: its pairs in the order they were added, equal keys included. */
export class Dictionary {
  readonly pairs: [PickleValue, PickleValue][] = [];
}

/** A class or function of Python by its full name, which whoever asked for the pickle allows. */
export class Global {
  /** Module and name with a dot between, `torch._utils._rebuild_tensor_v2`. */
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** An object that Python would make by calling a global. */
export class Call {
  readonly global: Global;
  readonly args: readonly PickleValue[];
  /** What `__setstate__` would be given. */
  state: PickleValue | undefined;
  /** Pairs set on the object afterwards, as of an OrderedDict. */
  readonly pairs: [PickleValue, PickleValue][] = [];

  constructor(global: Global, args: readonly PickleValue[]) {
    this.global = global;
    this.args = args;
  }
}

/** A reference to something outside the pickle, as PyTorch refers to storages. */
export class PersistentId {
  readonly id: PickleValue;

  constructor(id: PickleValue) {
    this.id = id;
  }
}

/** A buffer that was pickled apart from the file (protocol 5), and so is not there. */
export class OutOfBand {
  /** Offset in the file of the opcode that asks for it. */
  readonly wantedAt: number;

  constructor(wantedAt: number) {
    this.wantedAt = wantedAt;
  }
}
