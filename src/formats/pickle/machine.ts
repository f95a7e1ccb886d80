import type { ByteSource } from "../../io/source.ts";
import type { ProblemList } from "../problem-list.ts";
import { PickleFault, untrustedHint } from "./fault.ts";
import { MachineState } from "./machine-state.ts";
import { opcodes } from "./opcodes.ts";
import type { FileRange } from "./reader.ts";
import type { PickleValue } from "./values.ts";

/**
 * What the pickle in a part of a file holds, or undefined when it is refused: then `problems` says why. A pickle is
 * a program that builds a value; it runs here on a closed machine, which calls nothing, imports nothing, leaves bytes
 * and long texts in the file, and reads the rest through a small window.
 * @param range the whole pickle and nothing else.
 * @param allowed full names of the globals it may name, such as `collections.OrderedDict`; the first other ends it.
 * @throws TensorweldError `io/read` or `io/short-read`.
 */
export async function readPickle(
  source: ByteSource,
  range: FileRange,
  allowed: ReadonlySet<string>,
  problems: ProblemList,
): Promise<PickleValue | undefined> {
  const state = new MachineState(source, range, allowed);
  const position: Position = { opcode: "the pickle", offset: range.offset };
  try {
    await run(state, position);
    return state.result;
  } catch (error) {
    if (!(error instanceof PickleFault)) throw error;
    const { code, message: predicate, hint } = error;
    const message = `${position.opcode} at byte ${position.offset} ${predicate}`;
    problems.add({ code, message, ...(hint !== undefined && { hint }) });
    return undefined;
  }
}

/** Where a pickle is being run, for messages. */
interface Position {
  opcode: string;
  offset: number;
}

async function run(state: MachineState, position: Position): Promise<void> {
  const { reader } = state;
  while (state.result === undefined) {
    if (!reader.ready) await reader.refill();
    position.offset = reader.offset;
    position.opcode = "the pickle";
    if (reader.left === 0) throw ended();
    state.countOpcode();
    const code = reader.uint8();
    const opcode = opcodes[code];
    if (opcode === undefined) throw unknown(code);
    position.opcode = opcode.name;
    // Nearly all are done at once; waiting for nothing would take longer than the opcode.
    const pending = opcode.run(state);
    if (pending !== undefined) await pending;
  }
  if (reader.left > 0) throw trailing(reader.left);
}

function ended(): PickleFault {
  const hint = "the file was cut short: download or copy it again";
  return new PickleFault("pickle/truncated", "ends without the opcode STOP", hint);
}

function unknown(code: number): PickleFault {
  const predicate = `goes on with 0x${code.toString(16).padStart(2, "0")}, which is no opcode`;
  return new PickleFault("pickle/opcode", predicate, "it is no pickle, or it is damaged");
}

function trailing(bytes: number): PickleFault {
  return new PickleFault("pickle/trailing", `ends the pickle, but ${bytes} bytes follow`, untrustedHint);
}
