import { isTensorweldError, type Problem, TensorweldError } from "../errors.ts";
import type { InputFile } from "../formats/checkpoint.ts";
import type { Storage } from "../io/storage.ts";
import type { Plan } from "../plan/plan.ts";

/** Throws `io/input-changed` when a file is not as long or as old as it was when the plan was made, or is gone. */
export async function refuseChangedInputs(storage: Storage, plan: Plan): Promise<void> {
  const problems: Problem[] = [];
  for (const input of plan.inputs) {
    const now = await foundNow(storage, input.path);
    if (now?.size === input.size && now.modified === input.modified) continue;
    const message = `was changed since the merge was planned: then ${described(input)}, now ${described(now)}`;
    const hint = "merge again once nothing writes to it";
    problems.push({ code: "io/input-changed", file: input.path, message, hint });
  }
  if (problems.length > 0) throw new TensorweldError("failed", problems);
}

type Found = Pick<InputFile, "size" | "modified">;

/** Undefined when the file is not there any more. */
async function foundNow(storage: Storage, path: string): Promise<Found | undefined> {
  try {
    const source = await storage.open(path);
    await source.close();
    return source;
  } catch (error) {
    const isGone =
      isTensorweldError(error) && error.problems.every(({ code }) => code === "checkpoint/not-found");
    if (isGone) return undefined;
    throw error;
  }
}

function described(found: Found | undefined): string {
  if (found === undefined) return "not there";
  return `${found.size} bytes, changed ${new Date(found.modified).toISOString()}`;
}
