import { describeJson, shorten } from "../formats/describe-json.ts";
import type { JsonValue } from "../formats/json.ts";
import type { SettingsReader } from "./settings-reader.ts";

/** A setting that makes an adapter something else than a sum of low-rank updates, when it is switched on. */
export interface Switch {
  readonly key: string;
  /** What the adapter then is or needs, as the end of a sentence: `it is a BD-LoRA adapter`. */
  readonly meaning: string;
  /** What to do about it. */
  readonly hint: string;
  /** Whether a value leaves it off; by default null, false, and everything empty. */
  readonly isOff?: (value: JsonValue) => boolean;
}

/** What to do with an adapter that only the library it is from can merge. */
export const mergeThere = "merge it with the library that wrote it, and use the merged model";

/**
 * Refuses every setting of `switches` that is on; and every setting that is neither there nor in `harmless` and has a
 * value, because it may change what the weights mean.
 */
export function refuseSwitches(
  { values, problems }: SettingsReader,
  switches: readonly Switch[],
  harmless: ReadonlySet<string>,
): void {
  const byKey = new Map(switches.map((entry) => [entry.key, entry]));
  for (const [key, value] of values) {
    const known = byKey.get(key);
    if (harmless.has(key) || (known?.isOff ?? isEmpty)(value)) continue;
    const setting = `${shorten(key)} is ${describeJson(value)}`;
    if (known !== undefined) {
      const message = `${setting}: ${known.meaning}`;
      problems.add({ code: "adapter/unsupported", message, hint: known.hint });
    } else {
      const message = `${setting}, a setting that is not known here and may change what the weights mean`;
      const hint = "when it has no effect on the weights, remove it from this file";
      problems.add({ code: "adapter/unsupported", message, hint });
    }
  }
}

function isEmpty(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.every(isEmpty);
  return value === null || value === false || value === "" || (value instanceof Map && value.size === 0);
}
