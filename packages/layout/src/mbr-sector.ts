/**
 * A master boot record, and the extended boot records that have the same shape. UEFI 2.10 §5.2.1, tables 5-1, 5-2;
 * extended records have no standard. Numbers are little-endian.
 *
 *      0  BootCode                 440          entry, 16 bytes:
 *    440  UniqueMBRDiskSignature     4            0  BootIndicator, 0x80 is active    1
 *    444  Unknown                    2            1  StartingCHS, not used            3
 *    446  PartitionRecord x 4       64            4  OSType, the system id            1
 *    510  Signature 0xAA55           2            5  EndingCHS, not used              3
 *                                                 8  StartingLBA                      4
 *                                                12  SizeInLBA                        4
 */

/** Bytes of a boot record, whatever the length of a sector. */
export const mbrLength = 512;

/** Where code ends and the table begins: what is before it is left alone when a table is written. */
export const mbrTableOffset = 440;

/** Byte offsets of the record's fields. */
const mbrField = { diskSignature: mbrTableOffset, entries: 446, signature: 510 } as const;

/** Byte offsets of an entry's fields. */
const mbrEntryField = {
  bootIndicator: 0,
  startingChs: 1,
  systemId: 4,
  endingChs: 5,
  startingLba: 8,
  sectorCount: 12,
} as const;

const mbrEntryLength = 16;
const mbrEntryCount = 4;
const mbrSignature = 0xaa55;
export const activeIndicator = 0x80;
/** UEFI 2.10 §5.2.3: the system id of the entry that keeps MBR tools off a GPT. */
export const protectiveSystemId = 0xee;
/** CHS, LBA and Linux flavours of "contains logical partitions". */
const extendedSystemIds: ReadonlySet<number> = new Set([0x05, 0x0f, 0x85]);

export interface MbrEntry {
  /** 0 to 3. */
  readonly slot: number;
  /** 0x80 if active, 0 if not; anything else is no entry of an MBR. */
  readonly bootIndicator: number;
  readonly systemId: number;
  readonly startingLba: number;
  readonly sectorCount: number;
}

export interface MbrSector {
  readonly diskSignature: number;
  /** The used entries: those with a system id and a size, as Linux has it. */
  readonly entries: readonly MbrEntry[];
}

/** Parses a boot record of at least 512 bytes; undefined if it lacks the signature 55 AA. */
export function parseMbrSector(bytes: Uint8Array): MbrSector | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(mbrField.signature, true) !== mbrSignature) return undefined;
  const entries = Array.from({ length: mbrEntryCount }, (_, slot) => parseEntry(view, slot));
  return {
    diskSignature: view.getUint32(mbrField.diskSignature, true),
    entries: entries.filter((entry) => entry.systemId !== 0 && entry.sectorCount !== 0),
  };
}

function parseEntry(view: DataView, slot: number): MbrEntry {
  const offset = mbrField.entries + slot * mbrEntryLength;
  return {
    slot,
    bootIndicator: view.getUint8(offset + mbrEntryField.bootIndicator),
    systemId: view.getUint8(offset + mbrEntryField.systemId),
    startingLba: view.getUint32(offset + mbrEntryField.startingLba, true),
    sectorCount: view.getUint32(offset + mbrEntryField.sectorCount, true),
  };
}

/** An entry to be written, with the CHS fields that reading ignores. */
export interface MbrEntryToWrite extends MbrEntry {
  readonly startingChs: readonly number[];
  readonly endingChs: readonly number[];
}

/** Makes the bytes of a boot record from {@link mbrTableOffset} to its end. */
export function encodeMbrTable(diskSignature: number, entries: readonly MbrEntryToWrite[]): Uint8Array {
  const record = new Uint8Array(mbrLength);
  const view = new DataView(record.buffer);
  view.setUint32(mbrField.diskSignature, diskSignature, true);
  for (const entry of entries) {
    const offset = mbrField.entries + entry.slot * mbrEntryLength;
    view.setUint8(offset + mbrEntryField.bootIndicator, entry.bootIndicator);
    record.set(entry.startingChs, offset + mbrEntryField.startingChs);
    view.setUint8(offset + mbrEntryField.systemId, entry.systemId);
    record.set(entry.endingChs, offset + mbrEntryField.endingChs);
    view.setUint32(offset + mbrEntryField.startingLba, entry.startingLba, true);
    view.setUint32(offset + mbrEntryField.sectorCount, entry.sectorCount, true);
  }
  view.setUint16(mbrField.signature, mbrSignature, true);
  return record.subarray(mbrTableOffset);
}

export function isExtended(entry: Pick<MbrEntry, "systemId">): boolean {
  return extendedSystemIds.has(entry.systemId);
}

/** UEFI 2.10 table 5-2 knows 0x80 and "any other value"; Linux takes any value but these two as "no table". */
export function hasValidIndicator(entry: MbrEntry): boolean {
  return entry.bootIndicator === 0 || entry.bootIndicator === activeIndicator;
}
