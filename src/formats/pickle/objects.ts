import { bytesMadeBy } from "./bytes-call.ts";
import { describeValue } from "./describe-value.ts";
import { PickleFault, untrustedHint } from "./fault.ts";
import type { MachineState } from "./machine-state.ts";
import { Call, Dictionary, Extent, Global, OutOfBand, Sequence } from "./values.ts";
import type { PickleValue } from "./values.ts";

// What the opcodes of containers and objects do with the values on the stack. Nothing is called.

/** Takes a callable and its arguments, and pushes the object that Python would make of them. */
export function reduce(state: MachineState): void {
  const args = state.pop();
  const callable = state.pop();
  if (!(callable instanceof Global)) throw wrong("calls", callable, "a function or class");
  if (!(args instanceof Sequence) || args.kind !== "tuple") throw wrong("calls with", args, "a tuple");
  const bytes = bytesMadeBy(callable, args.items, (text) => state.placeOf(text));
  state.pushNew(bytes ?? new Call(callable, args.items));
}

/** As `reduce`, with arguments by name on top: none that is known here takes any. */
export function reduceWithNames(state: MachineState): void {
  const names = state.pop();
  if (!(names instanceof Dictionary)) throw wrong("calls with the names", names, "a dict");
  if (names.pairs.length > 0) throw wrong("calls with the names", names, "an empty dict");
  reduce(state);
}

/** Gives the object below the top what is on top as its state. */
export function build(state: MachineState): void {
  const value = state.pop();
  const target = state.top();
  if (!(target instanceof Call)) throw wrong("sets the state of", target, "an object");
  // A second state would make what an object is depend on when one looks.
  if (target.state !== undefined) throw wrong("sets for a second time the state of", target, "a new object");
  target.state = value;
}

/** Adds items to the list or set below them. */
export function addItems(state: MachineState, items: readonly PickleValue[], kind: "list" | "set"): void {
  const target = state.top();
  if (!(target instanceof Sequence) || target.kind !== kind) throw wrong("adds to", target, `a ${kind}`);
  state.count(items.length);
  for (const item of items) target.items.push(item);
}

/** Adds pairs, keys and values by turns, to the dict or object below them. */
export function setItems(state: MachineState, keysAndValues: readonly PickleValue[]): void {
  const target = state.top();
  if (!(target instanceof Dictionary) && !(target instanceof Call))
    throw wrong("sets items of", target, "a dict");
  state.count(keysAndValues.length);
  addPairs(target, keysAndValues);
}

/** A new dict of keys and values by turns. */
export function dictionaryOf(keysAndValues: readonly PickleValue[]): Dictionary {
  const dictionary = new Dictionary();
  addPairs(dictionary, keysAndValues);
  return dictionary;
}

/** Pushes the global whose module and name are on top. */
export function pushNamedGlobal(state: MachineState): void {
  const name = state.pop();
  const module = state.pop();
  if (typeof module !== "string") throw wrong("imports from", module, "the name of a module");
  if (typeof name !== "string") throw wrong("imports", name, "a name");
  state.pushGlobal(module, name);
}

/** Leaves the buffer on top as it is: nobody writes into it here. */
export function makeReadOnly(state: MachineState): void {
  const buffer = state.top();
  const isBuffer = buffer instanceof OutOfBand || buffer instanceof Extent;
  if (!isBuffer) throw wrong("makes read-only", buffer, "a buffer");
}

function addPairs({ pairs }: Dictionary | Call, keysAndValues: readonly PickleValue[]): void {
  if (keysAndValues.length % 2 === 1) {
    const predicate = `needs a value for each key, but there are ${keysAndValues.length} of both together`;
    throw new PickleFault("pickle/stack", predicate, untrustedHint);
  }
  for (let at = 0; at < keysAndValues.length; at += 2)
    pairs.push([keysAndValues[at]!, keysAndValues[at + 1]!]);
}

function wrong(verb: string, found: PickleValue, wanted: string): PickleFault {
  return new PickleFault(
    "pickle/stack",
    `${verb} ${describeValue(found)}, where ${wanted} is needed`,
    untrustedHint,
  );
}
