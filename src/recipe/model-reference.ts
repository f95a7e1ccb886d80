import type { ModelReference } from "./recipe.ts";

/** What stands between a model's path and its adapter's; one that belongs to a path is written twice. */
const SEPARATOR = "+";

/**
 * The model that a text names: `MODEL`, or `MODEL+ADAPTER` for a model with a LoRA adapter, each path made absolute by
 * `resolve`; `a++b` is the path `a+b`. Undefined when a path is missing or there is more than one adapter.
 */
export function parseModelReference(
  text: string,
  resolve: (path: string) => string,
): ModelReference | undefined {
  const paths = [""];
  for (const part of text.match(/\+\+|\+|[^+]+/g) ?? []) {
    if (part === SEPARATOR) paths.push("");
    else paths.push(paths.pop()! + (part === SEPARATOR.repeat(2) ? SEPARATOR : part));
  }
  if (paths.length > 2 || paths.includes("")) return undefined;
  const [path, adapter] = paths.map(resolve);
  return { path: path!, ...(adapter !== undefined && { adapter }) };
}

/** The text that names a model. */
export function modelText({ path, adapter }: ModelReference): string {
  return [path, adapter]
    .filter((part) => part !== undefined)
    .map((part) => part.replaceAll(SEPARATOR, SEPARATOR.repeat(2)))
    .join(SEPARATOR);
}
