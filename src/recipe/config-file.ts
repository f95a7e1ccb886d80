import { refuseIfAny, TensorweldError } from "../errors.ts";
import type { Problem } from "../errors.ts";
import { describeJson } from "../formats/describe-json.ts";
import { lineAndColumn, parseJson } from "../formats/json.ts";
import type { JsonValue } from "../formats/json.ts";
import type { Config } from "./flags.ts";

/**
 * The configuration in the text of a JSON file; its keys and values are not looked at yet.
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
  refuseIfAny(
    duplicates.map(({ path }) => {
      const name = JSON.stringify(path.at(-1));
      return problem(`the key ${name} is given twice`, secondKey(name, text));
    }),
  );
  // Keys and values are checked where those of the command line are.
  return plainValue(value) as Config;
}

/** Where a quoted name is a key for the second time; before a colon it is always a key. */
function secondKey(name: string, text: string): number {
  const keys = text.matchAll(/"(?:[^"\\]|\\.)*"(?=\s*:)/g);
  return [...keys].filter(([key]) => key === name)[1]?.index ?? 0;
}

/** What `JSON.parse` would give. */
function plainValue(value: JsonValue): unknown {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([name, member]) => [name, plainValue(member)]));
  }
  return "literal" in value ? Number(value.literal) : (value as readonly JsonValue[]).map(plainValue);
}
