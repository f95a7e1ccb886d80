import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { TensorweldError } from "../errors.ts";
import { fromSystemError, systemCode } from "./system-errors.ts";

/**
 * Returns when all that was written to the file so far is on the device. When that fails, it can't be tried again: the
 * system may go on to show from its memory what the device never got.
 */
export async function flush(file: string): Promise<void> {
  const handle = await opened(file, "r+");
  try {
    await handle.datasync();
  } catch (error) {
    const { outcome, problems } = writeError(error, file);
    throw new TensorweldError(outcome, problems, { cause: error, retryable: false });
  } finally {
    await handle.close();
  }
}

/**
 * Gives a finished folder its final name in one step. What has that name goes to `aside` just before, and comes back
 * when the step fails. What can't be done may be tried again, once nothing is in its way.
 * @throws TensorweldError `output/exists` without `aside`, when that name holds files.
 */
export async function commitFolder(staged: string, final: string, aside?: string): Promise<void> {
  await flushFolder(staged);
  // Windows renames onto nothing that exists; `rmdir` takes away an empty folder and never more.
  await fs.promises.rmdir(final).catch(() => undefined);
  const isAside = aside !== undefined && (await movedAway(final, aside));
  let isNamed = false;
  try {
    await rename(staged, final);
    isNamed = true;
    // A name that may not outlast a power cut is none: what it replaces would be deleted next.
    await flushFolder(path.dirname(final));
  } catch (error) {
    const isOccupied = !isNamed && isTaken(final);
    if (isNamed) await putBack(final, staged, error);
    if (isAside) await putBack(aside, final, error);
    throw isOccupied ? occupied(final, error) : commitError(error, final);
  }
}

/** Moves a folder that is to be replaced; false when there is none. */
async function movedAway(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw commitError(error, from);
  }
}

/** @param reason what went wrong before. */
async function putBack(from: string, to: string, reason: unknown): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const failed = commitError(reason, to);
    const message = `is now at ${from}, and cannot be put back: ${String(error)}`;
    const problems = [...failed.problems, { code: "io/write" as const, file: to, message }];
    throw new TensorweldError("failed", problems, { cause: error, retryable: true });
  }
}

/** Times a folder is renamed on Windows, where that fails while any program has one of its files open. */
const RENAME_ATTEMPTS = 8;

/** The wait before a folder is renamed again, in milliseconds; each is twice as long as the one before. */
const FIRST_PAUSE = 20;

async function rename(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fs.promises.rename(from, to);
    } catch (error) {
      // Programs that look for viruses open what is new, and close it soon.
      const mayPass = process.platform === "win32" && inUseCodes.has(systemCode(error) ?? "");
      if (!mayPass || attempt === RENAME_ATTEMPTS || fs.existsSync(to)) throw error;
      await pause(FIRST_PAUSE * 2 ** (attempt - 1));
    }
  }
}

const inUseCodes: ReadonlySet<string> = new Set(["EPERM", "EACCES", "EBUSY"]);

/** Whether something is there that no folder can be renamed onto. Windows does not tell it from other obstacles. */
function isTaken(file: string): boolean {
  try {
    return fs.readdirSync(file).length > 0;
  } catch (error) {
    return systemCode(error) === "ENOTDIR";
  }
}

/** Makes the names in a folder last, where the platform can: Windows cannot open a folder to flush it. */
async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await fs.promises.open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!noFolderFlush.has(systemCode(error) ?? "")) throw writeError(error, folder);
  }
}

const noFolderFlush: ReadonlySet<string> = new Set(["EPERM", "EACCES", "EINVAL", "EISDIR", "ENOTSUP"]);

async function opened(file: string, mode: string): Promise<fs.promises.FileHandle> {
  try {
    return await fs.promises.open(file, mode);
  } catch (error) {
    throw writeError(error, file);
  }
}

function occupied(file: string, cause: unknown): TensorweldError {
  const message = "exists already and is not an empty folder";
  const hint = "move it away, or add --overwrite to replace it";
  const problem = { code: "output/exists", file, message, hint } as const;
  return new TensorweldError("refused", [problem], { cause, retryable: true });
}

function commitError(error: unknown, file: string): TensorweldError {
  const { outcome, problems } = error instanceof TensorweldError ? error : writeError(error, file);
  return new TensorweldError(outcome, problems, { cause: error, retryable: true });
}

function writeError(error: unknown, file: string): TensorweldError {
  return fromSystemError(error, "failed", "io/write", file, "cannot be written");
}
