/**
 * A GPT partition entry. UEFI 2.10 §5.3.3, table 5-6; numbers are little-endian.
 *
 *      0  PartitionTypeGUID     16      40  EndingLBA, inclusive    8
 *     16  UniquePartitionGUID   16      48  Attributes              8
 *     32  StartingLBA            8      56  PartitionName, UTF-16  72
 *                                      128  Reserved, to SizeOfPartitionEntry
 */
import { parseGuid, writeGuid, zeroGuid } from "./guid.ts";

/** Byte offsets of an entry's fields. */
const gptEntryField = {
  typeGuid: 0,
  uniqueGuid: 16,
  startingLba: 32,
  endingLba: 40,
  attributes: 48,
  name: 56,
} as const;

/** UTF-16 code units of a name; a shorter one ends in a null. */
export const gptNameUnits = 36;

/** UEFI 2.10 table 5-8: bit 2 is "legacy BIOS bootable". */
export const legacyBootableBit = 2;

export interface GptEntry {
  /** As Linux counts: 1 for the first entry. */
  readonly number: number;
  readonly typeGuid: string;
  readonly uniqueGuid: string;
  readonly startingLba: bigint;
  /** Inclusive, unlike all other ends here. */
  readonly endingLba: bigint;
  /** The bits that are set, ascending. */
  readonly attributes: readonly number[];
  readonly name: string;
}

/** The used entries of an entry array, in its order. */
export function parseGptEntries(array: Uint8Array, entryLength: number): GptEntry[] {
  const entries: GptEntry[] = [];
  for (let offset = 0; offset + entryLength <= array.length; offset += entryLength) {
    const bytes = array.subarray(offset, offset + entryLength);
    if (parseGuid(bytes, gptEntryField.typeGuid) === zeroGuid) continue;
    entries.push(parseGptEntry(bytes, offset / entryLength + 1));
  }
  return entries;
}

function parseGptEntry(bytes: Uint8Array, number: number): GptEntry {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    number,
    typeGuid: parseGuid(bytes, gptEntryField.typeGuid),
    uniqueGuid: parseGuid(bytes, gptEntryField.uniqueGuid),
    startingLba: view.getBigUint64(gptEntryField.startingLba, true),
    endingLba: view.getBigUint64(gptEntryField.endingLba, true),
    attributes: setBits(view.getBigUint64(gptEntryField.attributes, true)),
    name: parseName(view),
  };
}

/** Makes an array of `entryCount` entries, from which {@link parseGptEntries} takes `entries`. */
export function encodeGptEntries(
  entries: readonly GptEntry[],
  entryCount: number,
  entryLength: number,
): Uint8Array {
  const array = new Uint8Array(entryCount * entryLength);
  for (const entry of entries) {
    const offset = (entry.number - 1) * entryLength;
    writeGptEntry(array.subarray(offset, offset + entryLength), entry);
  }
  return array;
}

function writeGptEntry(bytes: Uint8Array, entry: GptEntry): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const attributes = entry.attributes.reduce((bits, bit) => bits | (1n << BigInt(bit)), 0n);
  writeGuid(bytes, gptEntryField.typeGuid, entry.typeGuid);
  writeGuid(bytes, gptEntryField.uniqueGuid, entry.uniqueGuid);
  view.setBigUint64(gptEntryField.startingLba, entry.startingLba, true);
  view.setBigUint64(gptEntryField.endingLba, entry.endingLba, true);
  view.setBigUint64(gptEntryField.attributes, attributes, true);
  for (let unit = 0; unit < entry.name.length; unit++) {
    view.setUint16(gptEntryField.name + 2 * unit, entry.name.charCodeAt(unit), true);
  }
}

function setBits(attributes: bigint): number[] {
  return Array.from({ length: 64 }, (_, bit) => bit).filter(
    (bit) => ((attributes >> BigInt(bit)) & 1n) === 1n,
  );
}

function parseName(view: DataView): string {
  let name = "";
  for (let unit = 0; unit < gptNameUnits; unit++) {
    const code = view.getUint16(gptEntryField.name + 2 * unit, true);
    if (code === 0) break;
    name += String.fromCharCode(code);
  }
  return name;
}
