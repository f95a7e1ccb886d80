/** A place in a text: offset in UTF-16 code units from 0. */
export interface Spot {
  readonly offset: number;
}

/** A single value, as it is written: what it means depends on what is wanted of it. */
export interface YamlScalar extends Spot {
  readonly kind: "scalar";
  readonly text: string;
  /** Without quotes: `true` is then no text, and nothing is null. */
  readonly isPlain: boolean;
}

export interface YamlList extends Spot {
  readonly kind: "list";
  readonly items: readonly YamlTree[];
}

/** A key, where it stands, and its value. */
export interface YamlEntry extends Spot {
  readonly key: string;
  readonly value: YamlTree;
}

/** A mapping; no key occurs twice. */
export interface YamlMap extends Spot {
  readonly kind: "map";
  readonly entries: readonly YamlEntry[];
}

/** A YAML document as plain data with places; what an alias stands for is the very object of its anchor. */
export type YamlTree = YamlScalar | YamlList | YamlMap;
