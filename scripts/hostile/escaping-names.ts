/** A name in an index that is more than the name of a file in the same folder. */
export interface EscapingName {
  /** What is wrong with it, in a word. */
  readonly what: string;
  readonly file: string;
  /** What of it gives it away. */
  readonly harm: string;
}

/** Names of weight files that end in `extension` and lie somewhere else, by the rules of any system. */
export function escapingNames(extension: string): readonly EscapingName[] {
  return [
    { what: "parent", file: `../model${extension}`, harm: ".." },
    { what: "absolute", file: `/etc/model${extension}`, harm: "/" },
    { what: "backslash", file: `..\\model${extension}`, harm: ".." },
    { what: "drive", file: `C:model${extension}`, harm: ":" },
    { what: "share", file: `\\\\host\\share\\model${extension}`, harm: "\\" },
    { what: "stream", file: `model${extension}:hidden${extension}`, harm: ":" },
    { what: "subfolder", file: `weights/model${extension}`, harm: "/" },
    { what: "dots", file: `.${extension}`, harm: ".." },
    { what: "nul", file: `model${extension}\0${extension}`, harm: "\0" },
    { what: "line-feed", file: `model\n${extension}`, harm: "\n" },
  ];
}
