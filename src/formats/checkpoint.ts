import type { DType } from "../dtype.ts";

/** Where one tensor lies and what its bytes mean. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: DType;
  /** Sizes of the axes, outermost first; empty for a single number. */
  readonly shape: readonly number[];
  /** Absolute path of the file that holds it. */
  readonly file: string;
  /** Offset in bytes of its first byte: in that file or, when its bytes lie there as text, in what that decodes to. */
  readonly offset: number;
  readonly bytes: number;
  /** Present when its bytes lie in the file as text. */
  readonly text?: TextRun;
}

/** A stretch of a file whose text stands for bytes, as pickles of the protocols up to 2 have them. */
export interface TextRun {
  /** Offset in the file of the text's first byte. */
  readonly offset: number;
  /** Length of the text in bytes, before decoding. */
  readonly bytes: number;
  /** How the text stands for bytes: each character is one byte (Latin-1), and characters are written like this. */
  readonly escape: TextEscape;
}

/** `utf-8`: BINUNICODE of protocols 1 and 2. `raw-unicode-escape`: UNICODE of protocol 0. */
export type TextEscape = "utf-8" | "raw-unicode-escape";

/** A file that was opened, as it was then. */
export interface InputFile {
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** SHA-256 of the file's header in hexadecimal: names, types, shapes and places of its tensors. */
  readonly headerHash: string;
}

/** A model's weights as their headers describe them; every shape, type and offset checked, no weight read. */
export interface Checkpoint {
  /** The folder (or file) the user named, absolute. */
  readonly path: string;
  /** Name of the format it is stored in. */
  readonly format: string;
  readonly files: readonly InputFile[];
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** The header's own key-value pairs, of all files together. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Things worth telling the user that do not stop a merge. */
  readonly notices: readonly string[];
}
