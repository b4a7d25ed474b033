// The 32-byte entries of a FAT folder, with long names (Microsoft, "FAT: General Overview" 1.03, pages 22 to 32).
import { imageEpoch } from "./file-tree.ts";

const attributeArchive = 0x20;
const attributeFolder = 0x10;
const attributeLabel = 0x08;
const attributeLongName = 0x0f;
const longNameUnits = 13;

export interface FatNode {
  /** 11 bytes: the name of at most 8 and the ending of at most 3, each filled with spaces. */
  readonly shortName: string;
  readonly isFolder: boolean;
  /** 0 where there is no data. */
  readonly cluster: number;
  /** Bytes; 0 for a folder. */
  readonly length: number;
}

/** Encodes the entry of a file or folder. */
export function encodeEntry(node: FatNode): Buffer {
  return encodeShort(node, node.isFolder ? attributeFolder : attributeArchive);
}

/** Encodes the root folder's entry that repeats the volume's label. */
export function encodeLabelEntry(label: string): Buffer {
  const node = { shortName: label.padEnd(11), isFolder: false, cluster: 0, length: 0 };
  return encodeShort(node, attributeLabel);
}

function encodeShort(node: FatNode, attributes: number): Buffer {
  const entry = Buffer.alloc(32);
  const { date, time } = dosTime(imageEpoch);
  entry.write(node.shortName, 0, "latin1");
  entry.writeUInt8(attributes, 11);
  entry.writeUInt16LE(time, 14);
  entry.writeUInt16LE(date, 16);
  entry.writeUInt16LE(date, 18);
  entry.writeUInt16LE(node.cluster >>> 16, 20);
  entry.writeUInt16LE(time, 22);
  entry.writeUInt16LE(date, 24);
  entry.writeUInt16LE(node.cluster & 0xffff, 26);
  entry.writeUInt32LE(node.length, 28);
  return entry;
}

/** Encodes the entries that carry a long name; they come before the short one, the last part first. */
export function encodeLongName(name: string, shortName: string): Buffer {
  const units = Buffer.from(`${name}\0`, "utf16le");
  const count = Math.ceil(name.length / longNameUnits);
  const padded = Buffer.alloc(count * longNameUnits * 2, 0xff);
  units.copy(padded);
  const checksum = shortNameChecksum(shortName);
  const parts = Array.from({ length: count }, (_, index) => {
    const from = index * longNameUnits * 2;
    const order = index + 1 + (index === count - 1 ? 0x40 : 0);
    return encodeLongPart(padded.subarray(from, from + longNameUnits * 2), order, checksum);
  });
  return Buffer.concat(parts.toReversed());
}

function encodeLongPart(units: Buffer, order: number, checksum: number): Buffer {
  const entry = Buffer.alloc(32);
  entry.writeUInt8(order, 0);
  units.copy(entry, 1, 0, 10);
  entry.writeUInt8(attributeLongName, 11);
  entry.writeUInt8(checksum, 13);
  units.copy(entry, 14, 10, 22);
  units.copy(entry, 28, 22, 26);
  return entry;
}

function shortNameChecksum(shortName: string): number {
  return Buffer.from(shortName, "latin1").reduce(
    (sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff,
    0,
  );
}

/** Chooses the short name of a file: its own where that is one already, else a made one that no sibling in `taken` has. */
export function chooseShortName(name: string, taken: ReadonlySet<string>): string {
  const own = /^([A-Z0-9_-]{1,8})(?:\.([A-Z0-9_-]{1,3}))?$/.exec(name);
  if (own !== null) return `${(own[1] ?? "").padEnd(8)}${(own[2] ?? "").padEnd(3)}`;
  const dot = name.lastIndexOf(".");
  const stem = shorten(dot > 0 ? name.slice(0, dot) : name, 6);
  const ending = shorten(dot > 0 ? name.slice(dot + 1) : "", 3);
  for (let number = 1; number < 1_000_000; number++) {
    const tail = `~${number}`;
    const candidate = `${stem.slice(0, 8 - tail.length)}${tail}`.padEnd(8) + ending.padEnd(3);
    if (!taken.has(candidate)) return candidate;
  }
  throw new RangeError(`no short name is left for ${name}`);
}

function shorten(part: string, length: number): string {
  return part
    .toUpperCase()
    .replaceAll(/[^A-Z0-9_-]/g, "")
    .slice(0, length);
}

/** Says whether a name must be carried as a long one. */
export function needsLongName(name: string, shortName: string): boolean {
  const stem = shortName.slice(0, 8).trimEnd();
  const ending = shortName.slice(8).trimEnd();
  return name !== (ending === "" ? stem : `${stem}.${ending}`);
}

function dosTime(epoch: number): { readonly date: number; readonly time: number } {
  const at = new Date(epoch * 1000);
  return {
    date: ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
    time: (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1),
  };
}
