import { refuseIfAny, TensorweldError } from "../errors.ts";
import type { Problem } from "../errors.ts";
import { describeJson, shorten } from "../formats/describe-json.ts";
import { lineAndColumn, parseJson } from "../formats/json.ts";
import { plainJson } from "../formats/plain-json.ts";
import { RECORD_KEY } from "./configuration.ts";
import type { Config } from "./flag-values.ts";

/** Repeated keys that are listed: finding the place of each takes as long as reading the file. */
const maxDuplicates = 20;

/**
 * The configuration in the text of a JSON file; its keys and values are not looked at yet. What a `merge_config.json`
 * records of its inputs is left out.
 * @param file the file's path, for messages. @throws TensorweldError `refused`, with lines and columns.
 */
export function parseConfigFile(text: string, file: string): Config {
  const problem = (message: string, position: number): Problem => ({
    code: "request/unreadable-config",
    file,
    ...lineAndColumn(text, position),
    message,
  });
  const parsed = parseJson(text);
  if ("fault" in parsed) {
    const { message, position } = parsed.fault;
    throw new TensorweldError("refused", [problem(`is not JSON: ${message}`, position)]);
  }
  const { value, duplicates } = parsed;
  if (!(value instanceof Map)) {
    const message = `expected an object such as { "merge_method": "linear" }, got ${describeJson(value)}`;
    throw new TensorweldError("refused", [problem(message, 0)]);
  }
  const more = duplicates.length > maxDuplicates ? `, as are ${duplicates.length - maxDuplicates} more` : "";
  refuseIfAny(
    duplicates.slice(0, maxDuplicates).map(({ path }, index) => {
      const key = path.at(-1)!;
      const message = `the key ${JSON.stringify(shorten(key))} is given twice${index === maxDuplicates - 1 ? more : ""}`;
      return problem(message, secondKey(JSON.stringify(key), text));
    }),
  );
  // Keys and values are checked where those of the command line are.
  return plainJson(new Map([...value].filter(([key]) => key !== RECORD_KEY))) as Config;
}

/** Where a quoted name is a key for the second time; before a colon it is always a key. */
function secondKey(name: string, text: string): number {
  const keys = text.matchAll(/"(?:[^"\\]|\\.)*"(?=\s*:)/g);
  return [...keys].filter(([key]) => key === name)[1]?.index ?? 0;
}
