import { PickleFault, untrustedHint } from "./fault.ts";
import type { MachineState } from "./machine-state.ts";
import { readFloat, readInt, readLong, readLongBytes, readMemoKey } from "./numbers.ts";
import * as objects from "./objects.ts";
import * as texts from "./texts.ts";
import { Dictionary, Extent, Float, OutOfBand, PersistentId, Sequence } from "./values.ts";

/** An instruction of Python's pickle machine. */
export interface Opcode {
  readonly name: string;
  /** Reads the operands that follow the opcode, and does what it says; a promise only when it has to read on. */
  run(state: MachineState): void | Promise<void>;
}

/** The latest protocol. Source: PEP 574. */
const lastProtocol = 5;

/** The opcodes of the protocols 0 to 5 in the order of their codes. Source: CPython, Lib/pickletools.py. */
const rows: readonly (readonly [code: string, name: string, run: Opcode["run"]])[] = [
  ["(", "MARK", (state) => state.mark()],
  [")", "EMPTY_TUPLE", (state) => state.push(emptyTuple)],
  [".", "STOP", (state) => state.finish()],
  ["0", "POP", (state) => state.drop()],
  ["1", "POP_MARK", (state) => void state.popToMark()],
  ["2", "DUP", (state) => state.push(state.top())],
  ["B", "BINBYTES", (state) => pushBytes(state, state.reader.uint32())],
  ["C", "SHORT_BINBYTES", (state) => pushBytes(state, state.reader.uint8())],
  ["F", "FLOAT", (state) => state.pushNew(readFloat(state))],
  ["G", "BINFLOAT", (state) => state.pushNew(new Float(state.reader.float64()))],
  ["I", "INT", (state) => state.pushNew(readInt(state))],
  ["J", "BININT", (state) => state.push(state.reader.int32())],
  ["K", "BININT1", (state) => state.push(state.reader.uint8())],
  ["L", "LONG", (state) => state.pushNew(readLong(state))],
  ["M", "BININT2", (state) => state.push(state.reader.uint16())],
  ["N", "NONE", (state) => state.push(null)],
  ["P", "PERSID", (state) => state.pushNew(new PersistentId(texts.readWord(state)))],
  ["Q", "BINPERSID", (state) => state.pushNew(new PersistentId(state.pop()))],
  ["R", "REDUCE", objects.reduce],
  ["S", "STRING", texts.pushQuoted],
  ["T", "BINSTRING", (state) => texts.pushPython2String(state, state.reader.uint32())],
  ["U", "SHORT_BINSTRING", (state) => texts.pushPython2String(state, state.reader.uint8())],
  ["V", "UNICODE", texts.pushLine],
  ["X", "BINUNICODE", (state) => texts.pushUtf8(state, state.reader.uint32())],
  ["]", "EMPTY_LIST", (state) => state.pushNew(new Sequence([], "list"))],
  ["a", "APPEND", (state) => objects.addItems(state, state.popMany(1), "list")],
  ["b", "BUILD", objects.build],
  ["c", "GLOBAL", (state) => state.pushGlobal(texts.readName(state), texts.readName(state))],
  ["d", "DICT", (state) => pushDictionary(state, state.popToMark())],
  ["e", "APPENDS", (state) => objects.addItems(state, state.popToMark(), "list")],
  ["g", "GET", (state) => state.recall(readMemoKey(state))],
  ["h", "BINGET", (state) => state.recall(state.reader.uint8())],
  ["i", "INST", refuse],
  ["j", "LONG_BINGET", (state) => state.recall(state.reader.uint32())],
  ["l", "LIST", (state) => state.pushNew(new Sequence(state.popToMark(), "list"))],
  ["o", "OBJ", refuse],
  ["p", "PUT", (state) => state.remember(readMemoKey(state))],
  ["q", "BINPUT", (state) => state.remember(state.reader.uint8())],
  ["r", "LONG_BINPUT", (state) => state.remember(state.reader.uint32())],
  ["s", "SETITEM", (state) => objects.setItems(state, state.popMany(2))],
  ["t", "TUPLE", (state) => state.pushNew(new Sequence(state.popToMark()))],
  ["u", "SETITEMS", (state) => objects.setItems(state, state.popToMark())],
  ["}", "EMPTY_DICT", (state) => state.pushNew(new Dictionary())],
  ["\x80", "PROTO", checkProtocol],
  ["\x81", "NEWOBJ", objects.reduce],
  ["\x82", "EXT1", refuse],
  ["\x83", "EXT2", refuse],
  ["\x84", "EXT4", refuse],
  ["\x85", "TUPLE1", (state) => state.pushNew(new Sequence(state.popMany(1)))],
  ["\x86", "TUPLE2", (state) => state.pushNew(new Sequence(state.popMany(2)))],
  ["\x87", "TUPLE3", (state) => state.pushNew(new Sequence(state.popMany(3)))],
  ["\x88", "NEWTRUE", (state) => state.push(true)],
  ["\x89", "NEWFALSE", (state) => state.push(false)],
  ["\x8a", "LONG1", (state) => state.pushNew(readLongBytes(state, state.reader.uint8()))],
  ["\x8b", "LONG4", (state) => state.pushNew(readLongBytes(state, state.reader.int32()))],
  ["\x8c", "SHORT_BINUNICODE", (state) => texts.pushUtf8(state, state.reader.uint8())],
  ["\x8d", "BINUNICODE8", (state) => texts.pushUtf8(state, state.reader.uint64())],
  ["\x8e", "BINBYTES8", (state) => pushBytes(state, state.reader.uint64())],
  ["\x8f", "EMPTY_SET", (state) => state.pushNew(new Sequence([], "set"))],
  ["\x90", "ADDITEMS", (state) => objects.addItems(state, state.popToMark(), "set")],
  ["\x91", "FROZENSET", (state) => state.pushNew(new Sequence(state.popToMark(), "frozenset"))],
  ["\x92", "NEWOBJ_EX", objects.reduceWithNames],
  ["\x93", "STACK_GLOBAL", objects.pushNamedGlobal],
  ["\x94", "MEMOIZE", (state) => state.rememberNext()],
  ["\x95", "FRAME", checkFrame],
  ["\x96", "BYTEARRAY8", (state) => pushBytes(state, state.reader.uint64())],
  ["\x97", "NEXT_BUFFER", (state) => state.pushNew(new OutOfBand(state.reader.offset - 1))],
  ["\x98", "READONLY_BUFFER", objects.makeReadOnly],
];

/** Each opcode at its code; empty where there is none. */
export const opcodes: readonly (Opcode | undefined)[] = byCode();

function byCode(): readonly (Opcode | undefined)[] {
  const table: (Opcode | undefined)[] = Array.from({ length: 256 });
  for (const [code, name, run] of rows) table[code.charCodeAt(0)] = { name, run };
  return table;
}

/** One for all: nothing changes a tuple. */
const emptyTuple = new Sequence([]);

function pushBytes(state: MachineState, bytes: number | bigint): void {
  const place = state.reader.skip(bytes);
  state.pushNew(new Extent(place.offset, place.bytes));
}

function pushDictionary(state: MachineState, keysAndValues: Sequence["items"]): void {
  state.count(keysAndValues.length);
  state.pushNew(objects.dictionaryOf(keysAndValues));
}

function checkProtocol({ reader }: MachineState): void {
  const protocol = reader.uint8();
  if (protocol <= lastProtocol) return;
  throw new PickleFault(
    "pickle/opcode",
    `asks for protocol ${protocol}, where 0 to ${lastProtocol} are known`,
  );
}

/** A frame is how much to read at once, which is no matter here: its opcodes are run like all others. */
function checkFrame({ reader }: MachineState): void {
  const bytes = reader.uint64();
  if (bytes > reader.left) throw reader.tooShortFor(bytes);
}

/** These name classes by number, or call them in a way that has not been written since Python 2. */
function refuse(): void {
  throw new PickleFault("pickle/opcode", "is refused: no checkpoint needs it", untrustedHint);
}
