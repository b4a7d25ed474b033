/*
 * A directory of FAT: entries of 32 bytes (Microsoft, FAT32 File System Specification 1.03, "FAT Directory Structure").
 *
 *   0 name(8) and extension(3); first byte 0: no more entries, E5: unused, 05: stands for E5   11 attributes   12 case
 *   14 made(4)   20 first cluster high(2)   22 time(2)   24 date(2)   26 first cluster low(2)   28 length(4)
 *
 * A long name stands before its entry in others, last part first, of 13 UTF-16 units each at 1, 14 and 28:
 *
 *   0 part number, 40 added on the last part   11 attributes 0F   13 checksum of the short name
 */
import { viewOf } from "../disk.ts";
import { decodeCodePage437 } from "./code-page-437.ts";

export interface FatEntry {
  readonly name: string;
  /** The name of eight and three letters: a second name for the same. */
  readonly shortName: string;
  readonly attributes: number;
  readonly firstCluster: number;
  readonly length: number;
  /** Seconds since 1970. */
  readonly modified: number;
  /** Where the entry of 32 bytes lies in the file system. */
  readonly offset: number;
}

export const attribute = { readOnly: 0x01, volume: 0x08, directory: 0x10, longName: 0x0f } as const;
export const entryLength = 32;

/** Reads entries that lie one after the other, as pieces of a directory with their offsets in the file system. */
export function* parseEntries(pieces: Iterable<{ offset: number; bytes: Uint8Array }>): Generator<FatEntry> {
  let longName = "";
  let checksum = -1;
  for (const { offset, bytes } of pieces) {
    for (let at = 0; at + entryLength <= bytes.length; at += entryLength) {
      const raw = bytes.subarray(at, at + entryLength);
      const first = raw[0] ?? 0;
      const attributes = raw[11] ?? 0;
      if (first === 0) return;
      if (first !== 0xe5 && (attributes & 0x3f) === attribute.longName) {
        longName = longNamePart(raw) + ((first & 0x40) === 0 ? longName : "");
        checksum = raw[13] ?? 0;
        continue;
      }
      if (first !== 0xe5)
        yield parseEntry(raw, offset + at, checksum === shortNameChecksum(raw) ? longName : "");
      longName = "";
      checksum = -1;
    }
  }
}

function parseEntry(raw: Uint8Array, offset: number, longName: string): FatEntry {
  const view = viewOf(raw);
  const shortName = shortNameOf(raw);
  return {
    name: longName === "" ? shortName : longName,
    shortName,
    attributes: view.getUint8(11),
    firstCluster: view.getUint16(20, true) * 0x1_0000 + view.getUint16(26, true),
    length: view.getUint32(28, true),
    modified: fatTime(view.getUint16(24, true), view.getUint16(22, true)),
    offset,
  };
}

/** Date: year from 1980, month, day in 7, 4, 5 bits; time: hours, minutes, half seconds in 5, 6, 5. */
function fatTime(date: number, time: number): number {
  const day = Date.UTC(1980 + (date >>> 9), ((date >>> 5) & 0xf) - 1, date & 0x1f);
  return day / 1000 + (time >>> 11) * 3600 + ((time >>> 5) & 0x3f) * 60 + (time & 0x1f) * 2;
}

/** The opposite of how a time is read: the two halves of it, for `seconds` since 1970 that FAT can keep. */
export function encodeFatTime(seconds: number): { readonly date: number; readonly time: number } {
  const at = new Date(seconds * 1000);
  const date = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return { date, time };
}

function longNamePart(raw: Uint8Array): string {
  const view = viewOf(raw);
  const places = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
  const units = places.map((place) => view.getUint16(place, true));
  const end = units.indexOf(0);
  return String.fromCharCode(...(end < 0 ? units : units.slice(0, end)));
}

function shortNameOf(raw: Uint8Array): string {
  const bytes = raw.slice(0, 11);
  if (bytes[0] === 0x05) bytes[0] = 0xe5;
  const lowered = raw[12] ?? 0;
  const part = (from: number, to: number, flag: number): string => {
    const text = decodeCodePage437(bytes.subarray(from, to)).trimEnd();
    return (lowered & flag) === 0 ? text : text.toLowerCase();
  };
  const base = part(0, 8, 0x08);
  const extension = part(8, 11, 0x10);
  return extension === "" ? base : `${base}.${extension}`;
}

function shortNameChecksum(raw: Uint8Array): number {
  return raw.subarray(0, 11).reduce((sum, byte) => (((sum & 1) << 7) + (sum >>> 1) + byte) & 0xff, 0);
}
