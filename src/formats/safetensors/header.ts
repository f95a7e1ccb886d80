import type { ByteSource } from "../../io/source.ts";
import { sha256Hex } from "../../sha256.ts";
import { describeCharacter, describeJson, shorten } from "../describe-json.ts";
import { whatItIsInstead } from "../impostors.ts";
import { visitMembers } from "../json.ts";
import type { DuplicateName, JsonValue } from "../json.ts";
import type { ProblemList } from "../problem-list.ts";
import { readEntry } from "./entry.ts";
import type { DataSpan, HeaderEntry } from "./entry.ts";
import { checkSpans } from "./spans.ts";
import { decodeUtf8 } from "../utf8.ts";

/** A safetensors file's header, every rule of the format checked. */
export interface SafetensorsHeader {
  /** Offset in the file of the first byte of data: the length field and the header's text. */
  readonly dataOffset: number;
  readonly entries: readonly HeaderEntry[];
  readonly metadata: ReadonlyMap<string, string>;
  /** SHA-256 in hexadecimal of everything before the data. */
  readonly hash: string;
}

/** Bytes of the little-endian number at the start of a file that says how long the header's text is. */
export const lengthFieldBytes = 8;

/** Bytes of a header's text; all readers refuse more. Source: `MAX_HEADER_SIZE` of the Rust library. */
export const maxHeaderBytes = 100_000_000;

/**
 * Tensors in one file: a second's work and some 200 MB, where a header of `maxHeaderBytes` has room for two million. The
 * largest published models have 100,000 in all of their files together (Hugging Face Hub).
 */
export const maxTensorsPerFile = 200_000;

/** The name in a header that is no tensor's but holds the file's own key-value pairs. */
export const metadataName = "__metadata__";

/**
 * The header of the file `source`, or undefined when something is wrong with it: then `problems` says what.
 * @throws TensorweldError `io/read` or `io/short-read`.
 */
export async function readHeader(
  source: ByteSource,
  problems: ProblemList,
): Promise<SafetensorsHeader | undefined> {
  const textBytes = await readLengthField(source, problems);
  if (textBytes === undefined) return undefined;
  const bytes = new Uint8Array(lengthFieldBytes + textBytes);
  await source.readInto(bytes, 0);
  const members = readMembers(bytes.subarray(lengthFieldBytes), problems);
  if (members === undefined) return undefined;
  const { metadata, spans, entries } = members;
  const dataBytes = source.size - bytes.length;
  checkSpans({ spans, complete: problems.all().length === 0, dataBytes }, problems);
  if (problems.all().length > 0) return undefined;
  return { dataOffset: bytes.length, entries, metadata, hash: await sha256Hex(bytes) };
}

/** The length of the header's text, once it is known to lie inside the file. */
async function readLengthField(source: ByteSource, problems: ProblemList): Promise<number | undefined> {
  if (source.size < lengthFieldBytes) {
    const message = `is ${source.size} bytes long; a safetensors file has at least ${lengthFieldBytes}`;
    problems.add({ code: "safetensors/too-short", message, hint: "download or copy it again" });
    return undefined;
  }
  const field = new Uint8Array(lengthFieldBytes);
  await source.readInto(field, 0);
  const textBytes = new DataView(field.buffer).getBigUint64(0, true);
  const room = Math.min(source.size - lengthFieldBytes, maxHeaderBytes);
  if (textBytes <= BigInt(room)) return Number(textBytes);
  const limit =
    textBytes > maxHeaderBytes
      ? `the format allows ${maxHeaderBytes}`
      : `the file has only ${room} after its length field`;
  problems.add({
    code: "safetensors/header-length",
    message: `its first 8 bytes say that the header takes ${textBytes} bytes, but ${limit}`,
    hint: (await whatItIsInstead(source)) ?? "it is no safetensors file, or it was cut short",
  });
  return undefined;
}

/** What a header's members say, as far as it could be read. */
interface Members {
  metadata: ReadonlyMap<string, string>;
  /** In the order of the header. */
  readonly entries: HeaderEntry[];
  readonly spans: DataSpan[];
}

/** What the header's text says; undefined when it is no JSON object, or too large. */
function readMembers(bytes: Uint8Array, problems: ProblemList): Members | undefined {
  const text = decodeUtf8(bytes);
  if (text === undefined) {
    problems.add({ code: "safetensors/header-encoding", message: "the header is not valid UTF-8" });
    return undefined;
  }
  // Checked apart from JSON, which would allow blanks: the format keeps other first characters for its future.
  if (!text.startsWith("{")) {
    const message = `the header must begin with "{", found ${describeCharacter(text, 0)}`;
    problems.add({ code: "safetensors/header-json", message });
    return undefined;
  }
  const members: Members = { metadata: new Map(), entries: [], spans: [] };
  let tensors = 0;
  const parsed = visitMembers(text, (name, value) => {
    if (name === metadataName) {
      members.metadata = readMetadata(value, problems);
    } else if (++tensors <= maxTensorsPerFile) {
      addEntry(readEntry(name, value, problems), members);
    }
  });
  const isPartial = "fault" in parsed;
  if (tensors > maxTensorsPerFile) {
    addTooMany(tensors, isPartial, problems);
  } else if (isPartial) {
    const message = `the header is not valid JSON: at character ${parsed.fault.position}, ${parsed.fault.message}`;
    problems.add({ code: "safetensors/header-json", message });
  }
  if (isPartial) return undefined;
  for (const duplicate of parsed.duplicates) addDuplicate(duplicate, problems);
  return members;
}

/** @param isPartial whether the header was not read to its end. */
function addTooMany(tensors: number, isPartial: boolean, problems: ProblemList): void {
  const found = isPartial ? `${tensors} tensors or more` : `${tensors} tensors`;
  const message = `the header has ${found}, where at most ${maxTensorsPerFile} in one file are read`;
  const hint = "store the model in several files, with an index";
  problems.add({ code: "safetensors/too-many", message, hint });
}

function addEntry(read: HeaderEntry | DataSpan | undefined, { entries, spans }: Members): void {
  if (read === undefined) return;
  spans.push(read);
  if ("dtype" in read) entries.push(read);
}

function addDuplicate({ path }: DuplicateName, problems: ProblemList): void {
  const [tensor, ...inner] = path;
  const what = inner.length === 0 ? "it" : `the key ${JSON.stringify(shorten(inner.at(-1)!))}`;
  const message = `${what} appears twice in the header`;
  problems.add({ code: "safetensors/duplicate-name", tensor: tensor!, message });
}

function readMetadata(value: JsonValue, problems: ProblemList): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  if (!(value instanceof Map)) {
    const message = `${metadataName} is ${describeJson(value)}, where an object of strings is needed`;
    problems.add({ code: "safetensors/metadata", message });
    return pairs;
  }
  const isTensor = value.has("data_offsets");
  for (const [key, text] of value) {
    if (typeof text === "string") pairs.set(key, text);
    else if (!isTensor) addMetadataFault(key, text, problems);
  }
  if (isTensor && pairs.size < value.size) addReservedName(problems);
  return pairs;
}

function addMetadataFault(key: string, value: JsonValue, problems: ProblemList): void {
  const message = `the value of ${JSON.stringify(shorten(key))} in ${metadataName} is ${describeJson(value)}, where a string is needed`;
  problems.add({ code: "safetensors/metadata", message });
}

function addReservedName(problems: ProblemList): void {
  const message = `a tensor is called ${metadataName}; the format keeps that name for the file's key-value pairs`;
  problems.add({ code: "safetensors/metadata", message, hint: "rename the tensor and write the file again" });
}
