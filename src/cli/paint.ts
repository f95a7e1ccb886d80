import { styleText } from "node:util";

export type Style = "bold" | "dim" | "red" | "yellow" | "green" | "cyan";

/** Gives a text a style, or leaves it as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

/** The paint for a stream with or without colours. */
export function paintFor(colours: boolean): Paint {
  // Whether the stream can show colours was decided already; Node would ask standard output, whichever it is for.
  return colours
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_style, text) => text;
}
