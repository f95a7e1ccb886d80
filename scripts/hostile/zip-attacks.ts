import { fileOf, littleEndian } from "../../test/support/pickle-writer.ts";
import { archiveFiles, stateDict, tensor } from "../../test/support/torch-writer.ts";
import { extraBlock, zipOf } from "../../test/support/zip-writer.ts";
import type { ZipFrame, ZippedFile } from "../../test/support/zip-writer.ts";
import type { Attack } from "./safetensors-attacks.ts";

/** Files of a valid archive; an attack changes one of them, or what stands around them. */
const files = archiveFiles(stateDict({ w: tensor() }));
const [first, second] = files;
const valid = zipOf(files);
const elsewhere = { storedBytes: 0xffff_ffff, bytes: 0xffff_ffff };

/** Attacks on where a zip ends, and on what its end record says. */
const ends: readonly Attack[] = [
  attack("signature-only", "PK\x03\x04", "end-record"),
  attack("end-record-missing", valid.slice(0, -22), "end-record"),
  attack("end-record-cut", valid.slice(0, -1), "end-record"),
  attack("half", valid.slice(0, valid.length / 2), "end-record"),
  attack("bytes-behind", `${valid}\0`, "end-record"),
  frame("comment-too-long", { end: { commentBytes: 1 } }, "end-record"),
  frame("comment-too-short", { comment: "12", end: { commentBytes: 1 } }, "end-record"),
  frame("comment-of-end-record", { comment: zipOf([]) }, "end-record"),
  frame("comment-of-signature", { comment: `PK\x05\x06${" ".repeat(30)}` }, "end-record"),
  frame("end-disk", { end: { disk: 1 } }, "end-record"),
  frame("end-directory-disk", { end: { directoryDisk: 1 } }, "end-record"),
  frame("end-entries-elsewhere", { end: { entriesOnDisk: 1 } }, "end-record"),
  frame("end-entries-more", { end: { entries: 5, entriesOnDisk: 5 } }, "directory"),
  frame("end-entries-fewer", { end: { entries: 3, entriesOnDisk: 3 } }, "directory"),
  frame("end-entries-none", { end: { entries: 0, entriesOnDisk: 0 } }, "directory"),
  frame("end-entries-65535", { end: { entries: 65_535, entriesOnDisk: 65_535 } }, "end-record"),
  frame("end-offset-more", { end: { offset: valid.length } }, "end-record"),
  frame("end-offset-zero", { end: { offset: 0 } }, "end-record"),
  frame("end-offset-32-bits", { end: { offset: 0xffff_ffff } }, "end-record"),
  frame("end-bytes-more", { end: { bytes: 0xffff_ffff } }, "end-record"),
  frame("end-bytes-zero", { end: { bytes: 0 } }, "end-record"),
  frame("gap-before-end", { gap: "\0" }, "end-record"),
  frame("prefix-counted", { prefix: "PK\x03\x04" }, "directory"),
  attack("prefix-not-counted", `PK\x03\x04${valid}`, "end-record"),
];

/** Attacks with numbers of 64 bits. */
const zip64: readonly Attack[] = [
  long("locator-disk", { locatorDisk: 1 }, "end-record"),
  long("disks", { disks: 2 }, "end-record"),
  long("record-at-2-63", { locatorOffset: 2n ** 63n }, "end-record"),
  long("record-at-2-64", { locatorOffset: 2n ** 64n - 1n }, "end-record"),
  long("record-at-0", { locatorOffset: 0 }, "end-record"),
  long("record-over-locator", { locatorOffset: valid.length - 22 + 1 }, "end-record"),
  long("record-of-2-63", { recordBytes: 2n ** 63n }, "end-record"),
  long("record-shorter", { recordBytes: 43 }, "end-record"),
  long("signature", { signature: "PK\x06\x05" }, "end-record"),
  long("entries-2-63", { entries: 2n ** 63n, entriesOnDisk: 2n ** 63n }, "end-record"),
  long("entries-2-53", { entries: 2n ** 53n + 1n, entriesOnDisk: 2n ** 53n }, "end-record"),
  long("bytes-2-63", { bytes: 2n ** 63n }, "end-record"),
  long("offset-2-63", { offset: 2n ** 63n }, "end-record"),
  long("offset-2-64", { offset: 2n ** 64n - 1n, bytes: 2n ** 64n - 1n }, "end-record"),
  frame("zip64-differs", { zip64: { entries: 3, entriesOnDisk: 3 } }, "end-record"),
  change("extra-missing", { directory: elsewhere }, "entry"),
  change("extra-short", { directory: { ...elsewhere, extra: extraBlock(1, littleEndian(0, 8)) } }, "entry"),
  change(
    "extra-cut",
    { directory: { ...elsewhere, extra: extraBlock(1, littleEndian(0, 16)).slice(0, -1) } },
    "entry",
  ),
  change(
    "extra-twice",
    { directory: { ...elsewhere, extra: extraBlock(1, littleEndian(0, 16)).repeat(2) } },
    "entry",
  ),
  change(
    "size-2-63",
    { directory: { ...elsewhere, extra: extraBlock(1, littleEndian(2n ** 63n, 8).repeat(2)) } },
    "overlap",
  ),
  change(
    "header-at-2-63",
    { directory: { offset: 0xffff_ffff, extra: extraBlock(1, littleEndian(2n ** 63n, 8)) } },
    "overlap",
  ),
  change("local-extra-missing", { local: elsewhere }, "entry"),
  change(
    "local-extra-differs",
    { local: { ...elsewhere, extra: extraBlock(1, littleEndian(2n ** 63n, 8).repeat(2)) } },
    "entry",
  ),
];

/** Attacks on one entry. */
const entries: readonly Attack[] = [
  change("name-beyond-directory", { directory: { nameBytes: 0xffff } }, "directory"),
  change("local-extra-beyond-directory", { local: { ...elsewhere, extraBytes: 0xffff } }, "overlap"),
  change("folder-by-attributes", { directory: { attributes: 0x10 } }, "entry"),
  change("folder-with-contents", { name: "archive/byteorder/" }, "entry"),
  change("directory-signature", { directory: { signature: "PK\x01\x03" } }, "directory"),
  change("encrypted", { directory: { flags: 1 } }, "entry"),
  change("encrypted-strongly", { directory: { flags: 0x41 } }, "entry"),
  change("header-masked", { directory: { flags: 0x2000 } }, "entry"),
  change("patch", { directory: { flags: 0x20 } }, "entry"),
  change("deflated", { directory: { method: 8 } }, "compressed"),
  change("method-unknown", { directory: { method: 77 } }, "compressed"),
  change("local-encrypted", { local: { flags: 1 } }, "entry"),
  change("local-deflated", { local: { method: 8 } }, "compressed"),
  change("disk", { directory: { disk: 1 } }, "entry"),
  change("sizes-differ", { directory: { bytes: 5 } }, "entry"),
  change("size-less", { directory: { storedBytes: 5, bytes: 5 } }, "entry"),
  change(
    "size-into-next",
    { directory: { storedBytes: 20, bytes: 20 }, local: { storedBytes: 20, bytes: 20 } },
    "overlap",
  ),
  change(
    "size-into-directory",
    { directory: { storedBytes: 400, bytes: 400 }, local: { storedBytes: 400, bytes: 400 } },
    "overlap",
  ),
  change("local-size-zero", { local: { storedBytes: 0, bytes: 0 } }, "entry"),
  change("local-size-less", { local: { storedBytes: 5 } }, "entry"),
  change("local-size-follows", { local: { storedBytes: 5, flags: 8 } }, "entry"),
  change("local-signature", { local: { signature: "PK\x03\x05" } }, "entry"),
  change("local-name", { local: { name: "archive/byteordeR" } }, "entry"),
  change("local-name-shorter", { local: { name: "archive/byteorde" } }, "entry"),
  change("local-name-longer", { local: { name: "archive/byteorder2" } }, "entry"),
  change("header-of-first", { directory: { offset: 0 } }, "overlap"),
  change("header-in-contents", { directory: { offset: 60 } }, "overlap"),
  change("header-in-directory", { directory: { offset: valid.lastIndexOf("PK\x01\x02") } }, "overlap"),
  change("header-beyond", { directory: { offset: 0xffff_fffe } }, "overlap"),
];

/** Attacks on names. */
const names: readonly Attack[] = [
  called("parent", "../byteorder"),
  called("parent-inside", "archive/../../byteorder"),
  called("parent-last", "archive/.."),
  called("absolute", "/archive/byteorder"),
  called("drive", "C:/archive/byteorder"),
  called("drive-alone", "c:byteorder"),
  called("backslash", "archive\\byteorder"),
  called("share", "\\\\host\\archive\\byteorder"),
  called("nul", "archive/byteorder\0.txt"),
  called("line-feed", "archive/byte\norder"),
  called("empty", ""),
  called("empty-part", "archive//byteorder"),
  called("dot", "archive/./byteorder"),
  called("utf8-invalid", "archive/byteorder\xff"),
  called("utf8-overlong", "archive/\xc0\xae\xc0\xae/byteorder"),
  called("twice", "archive/data.pkl"),
];

export const zipAttacks: readonly Attack[] = [...ends, ...zip64, ...entries, ...names];

/** An attack with a code below `zip/`. */
function attack(name: string, content: string, code: string): Attack {
  return { name: `${name}.pt`, bytes: fileOf(content), problems: [{ code: `zip/${code}` }] };
}

/** An attack by what stands around valid files. */
function frame(name: string, around: ZipFrame, code: string): Attack {
  return attack(name, zipOf(files, around), code);
}

/** An attack by numbers of the end record of 64 bits, which the short one refers to, or by its locator. */
function long(name: string, lies: ZipFrame["zip64"], code: string): Attack {
  const end = { entriesOnDisk: 0xffff, entries: 0xffff, bytes: 0xffff_ffff, offset: 0xffff_ffff };
  return frame(`zip64-${name}`, { zip64: { ...lies }, end }, code);
}

/** An attack by the second file. */
function change(name: string, lies: Partial<ZippedFile>, code: string): Attack {
  const changed = [first!, { ...second!, ...lies }, ...files.slice(2)];
  return attack(`entry-${name}`, zipOf(changed), code);
}

/** An attack by the second file's name. */
function called(name: string, fileName: string): Attack {
  return change(`name-${name}`, { name: fileName }, "name");
}
