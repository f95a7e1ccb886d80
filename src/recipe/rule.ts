/** What a parameter is set to: one value, or numbers that are spread evenly over the layers, from the first to the last. */
export type Setting = number | boolean | string | readonly number[];

/** A value that a parameter has for some of the tensors. */
export interface Rule {
  /** Whether the parameter is the sparsifier's or the method's. */
  readonly step: "sparsify" | "merge";
  /** The parameter's name, as its method declares it. */
  readonly parameter: string;
  readonly value: Setting;
  /** Text that the tensor's name must contain: its name in the model where each has its own value, else in the output. */
  readonly filter?: string;
  /** Number of the slice it is for; absent: all. */
  readonly slice?: number;
  /** Number of the model it is for, among the recipe's models or the slice's sources; absent: all. */
  readonly source?: number;
}
