import { randomInt } from "node:crypto";
import * as fs from "node:fs";
import { hostname } from "node:os";
import * as path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { TensorweldError } from "../errors.ts";
import type { Lock } from "./storage.ts";
import { fromSystemError, systemCode } from "./system-errors.ts";

/** Who wants or holds a lock, as the name of its file says: a name is there whole or not at all. */
interface Holder {
  readonly pid: number;
  /** When the process began, in the system's own ticks, where that can be known: numbers of processes come again. */
  readonly began: string;
  /** Tells apart what one process locks. */
  readonly number: number;
  readonly host: string;
}

/** What a lock file holds once its owner knows that nobody else wants the lock; until then it is empty. */
const HELD = "held\n";

/** Times a lock is asked for that others want at the same moment, and the longest wait between two, in milliseconds. */
const ATTEMPTS = 10;
const MAX_PAUSE = 50;

/** Characters of a host's name that are kept: names of files are limited to 255 bytes. */
const MAX_HOST_CHARACTERS = 150;

/**
 * Takes the right to work in `folder`, made when there is none. Whoever wants it leaves a file there in its own name,
 * then looks for those of others: of any number that do so at once, no two can fail to see each other. Files of
 * processes that have ended are deleted, which is safe since no two ever have one name.
 * @throws TensorweldError `output/locked` when another has it.
 */
export async function takeLock(folder: string): Promise<Lock> {
  for (let attempt = 1; ; attempt++) {
    const mine = announce(folder);
    try {
      const rival = othersIn(folder, mine).find(isAlive);
      if (rival === undefined) {
        fs.writeFileSync(path.join(folder, mine), HELD);
        return { release: () => withdraw(folder, mine) };
      }
      if (attempt === ATTEMPTS || isHeld(folder, rival)) throw locked(folder, rival);
    } catch (error) {
      withdraw(folder, mine);
      throw systemCode(error) === undefined ? error : writeError(error, folder);
    }
    withdraw(folder, mine);
    await pause(randomInt(MAX_PAUSE) + 1);
  }
}

/** Makes a file that says who wants the lock; returns its name. */
function announce(folder: string): string {
  const mine = nameOf({
    pid: process.pid,
    began: processOf(process.pid)?.began ?? "",
    number: randomInt(2 ** 32),
    host: thisHost(),
  });
  for (let attempt = 1; ; attempt++) {
    try {
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(path.join(folder, mine), "", { flag: "wx" });
      return mine;
    } catch (error) {
      // The folder may go between the two calls, with the lock of one who is done.
      if (systemCode(error) !== "ENOENT" || attempt === ATTEMPTS) throw writeError(error, folder);
    }
  }
}

/** Deletes a lock file, and its folder when that holds nothing else. What stays is no harm: its process ends soon. */
function withdraw(folder: string, mine: string): void {
  try {
    fs.rmSync(path.join(folder, mine), { force: true });
    fs.rmdirSync(folder);
  } catch {
    // Others want the lock, or work is kept in the folder.
  }
}

/** All others who want or hold the lock; deletes what is left of those that have ended. */
function othersIn(folder: string, mine: string): readonly Holder[] {
  const others = fs.readdirSync(folder).filter((name) => name !== mine);
  const holders = others.flatMap((name) => holderOf(name) ?? []);
  for (const holder of holders) {
    if (!isAlive(holder)) fs.rmSync(path.join(folder, nameOf(holder)), { force: true });
  }
  return holders;
}

function isHeld(folder: string, holder: Holder): boolean {
  const file = path.join(folder, nameOf(holder));
  try {
    // Whoever put a pipe or a device there: reading that may never end.
    return fs.lstatSync(file).isFile() && fs.readFileSync(file, "utf8") === HELD;
  } catch {
    return false;
  }
}

function locked(folder: string, holder: Holder): TensorweldError {
  const { pid, host } = holder;
  const here = host === thisHost();
  const message = `another merge works here: process ${pid}${here ? "" : ` on ${decodeURIComponent(host)}`}`;
  const file = path.join(folder, nameOf(holder));
  const hint = here
    ? "wait for it to end, or stop it"
    : "wait for it to end; if that machine is gone, delete this file";
  return new TensorweldError("refused", [{ code: "output/locked", file, message, hint }]);
}

function nameOf({ pid, began, number, host }: Holder): string {
  return `lock.${pid}.${began}.${number}.${host}`;
}

function holderOf(name: string): Holder | undefined {
  const parts = /^lock\.(\d{1,10})\.(\d{0,20})\.(\d{1,10})\.(.*)$/.exec(name);
  if (parts === null) return undefined;
  const [, pid, began, number, host] = parts as unknown as [string, string, string, string, string];
  return { pid: Number(pid), began, number: Number(number), host };
}

/** Whether a process may still run; those of other machines can't be asked. */
function isAlive({ pid, began, host }: Holder): boolean {
  if (host !== thisHost()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCode(error) === "ESRCH") return false;
  }
  const now = processOf(pid);
  if (now === undefined) return true;
  return !now.hasEnded && (began === "" || began === now.began);
}

/** What Linux says about a process; undefined where that can't be known. Source: proc_pid_stat(5). */
function processOf(pid: number): { readonly began: string; readonly hasEnded: boolean } | undefined {
  try {
    // The name in parentheses may hold blanks: fields are counted from behind it.
    const fields = fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(")").at(-1)!.trim().split(" ");
    // Z and X: the process has ended, and nobody has asked how.
    return { began: fields[19]!, hasEnded: ["Z", "X"].includes(fields[0]!) };
  } catch {
    return undefined;
  }
}

/** This machine's name, as it can stand in the name of a file. */
function thisHost(): string {
  return encodeURIComponent(hostname()).slice(0, MAX_HOST_CHARACTERS);
}

function writeError(error: unknown, file: string): TensorweldError {
  return fromSystemError(error, "failed", "io/write", file, "cannot be written");
}
