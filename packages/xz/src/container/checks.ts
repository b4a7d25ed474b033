import { createHash } from "node:crypto";
import { bulkCrc64xz, type BulkChecksum64, type Crc, crc32, crc64xz } from "@bootstamp/crc";
import type { Check, CheckName, Replacement, RunningCheck } from "./check.ts";

const none: Check = {
  name: "none",
  id: 0x00,
  length: 0,
  load: async () => () => ({ update: () => undefined, digest: () => new Uint8Array() }),
  ofZeros: () => new Uint8Array(),
  patch: () => new Uint8Array(),
};

const crc32Check: Check = {
  name: "crc32",
  id: 0x01,
  length: 4,
  load: async () => () => {
    let crc = crc32.empty;
    return { update: (bytes) => void (crc = crc32.of(bytes, crc)), digest: () => encodeCrc32(crc) };
  },
  ofZeros: (rawLength) => encodeCrc32(crc32.zeros(rawLength)),
  patch: (value, rawLength, replacements) =>
    encodeCrc32(patchCrc(crc32, decodeCrc32(value), rawLength, replacements)),
};

const crc64Check: Check = {
  name: "crc64",
  id: 0x04,
  length: 8,
  load: async () => {
    const bulk = await loadBulk();
    return () => {
      let crc = crc64xz.empty;
      return {
        update: (bytes) => void (crc = crc64xz.combine(crc, bulk(bytes), bytes.length)),
        digest: () => encodeCrc64(crc),
      };
    };
  },
  ofZeros: (rawLength) => encodeCrc64(crc64xz.zeros(rawLength)),
  patch: (value, rawLength, replacements) =>
    encodeCrc64(patchCrc(crc64xz, decodeCrc64(value), rawLength, replacements)),
};

const sha256Check: Check = {
  name: "sha256",
  id: 0x0a,
  length: 32,
  load: async () => beginSha256,
  ofZeros: (rawLength) => {
    const running = beginSha256();
    const zeros = new Uint8Array(Math.min(rawLength, 1 << 20));
    for (let rest = rawLength; rest > 0; rest -= zeros.length) running.update(zeros.subarray(0, rest));
    return running.digest();
  },
};

const checks: readonly Check[] = [none, crc32Check, crc64Check, sha256Check];

/** What a user may ask for; `none` is only written into files that have no other. */
export const checkNames: readonly CheckName[] = ["crc64", "crc32", "sha256"];

export function checkWithId(id: number): Check | undefined {
  return checks.find((check) => check.id === id);
}

export function checkNamed(name: string): Check | undefined {
  return checks.find((check) => check.name === name);
}

/** The value of the check `crc32` as a number. */
export function decodeCrc32(value: Uint8Array): number {
  return new DataView(value.buffer, value.byteOffset, value.byteLength).getUint32(0, true);
}

function encodeCrc32(crc: number): Uint8Array {
  const value = new Uint8Array(4);
  new DataView(value.buffer).setUint32(0, crc, true);
  return value;
}

function decodeCrc64(value: Uint8Array): bigint {
  return new DataView(value.buffer, value.byteOffset, value.byteLength).getBigUint64(0, true);
}

function encodeCrc64(crc: bigint): Uint8Array {
  const value = new Uint8Array(8);
  new DataView(value.buffer).setBigUint64(0, crc, true);
  return value;
}

function patchCrc<V extends number | bigint>(
  crc: Crc<V>,
  whole: V,
  rawLength: number,
  replacements: readonly Replacement[],
): V {
  let value = whole;
  for (const { offset, before, after } of replacements) {
    value = crc.patch(value, crc.of(before), crc.of(after), rawLength - offset - after.length);
  }
  return value;
}

let bulk: Promise<BulkChecksum64> | undefined;

/** One for all: each of its calls begins and ends a checksum, so that none can get into another. */
function loadBulk(): Promise<BulkChecksum64> {
  bulk ??= bulkCrc64xz();
  return bulk;
}

function beginSha256(): RunningCheck {
  const hash = createHash("sha256");
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => new Uint8Array(hash.digest()),
  };
}
