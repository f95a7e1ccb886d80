import type { Problem } from "../errors.ts";
import { describeFew } from "../formats/describe-few.ts";
import { shorten } from "../formats/describe-json.ts";
import { isWeightFile } from "../formats/weight-files.ts";
import type { AdapterLibrary } from "./library.ts";

/** Nothing is at the path. */
export function nothingThere(file: string): Problem {
  const message = "there is no such file or folder";
  const hint = "check the path; adapters are read from this machine only: download this one first";
  return { code: "adapter/not-found", file, message, hint };
}

/** A folder, `file` or the one it is in, has no configuration of an adapter. */
export function noAdapter(
  file: string,
  names: readonly string[],
  libraries: readonly AdapterLibrary[],
): Problem {
  const wanted = libraries.map(({ configName, name }) => `${configName} (${name})`).join(" or ");
  const message = `is no adapter: looked for ${wanted}; ${listing(names)}`;
  const hint = "give the folder that the adapter was saved to, with its configuration";
  return { code: "adapter/not-found", file, message, hint };
}

/** A folder has an adapter's configuration and none of its weights. */
export function noWeights(file: string, names: readonly string[], library: AdapterLibrary): Problem {
  const wanted = library.entryNames.join(", ");
  const message = `has ${library.configName} and no weights: looked for ${wanted}; ${listing(names)}`;
  return { code: "adapter/not-found", file, message, hint: "download or copy its weights too" };
}

function listing(names: readonly string[]): string {
  if (names.length === 0) return "the folder is empty";
  // Weights first: among dozens of other files they tell what is wrong.
  const sorted = [...names.filter(isWeightFile), ...names.filter((name) => !isWeightFile(name))];
  return `there are ${describeFew(sorted, shorten)}`;
}
