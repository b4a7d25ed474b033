import { createHash, type Hash } from "node:crypto";
import type { FileFingerprint } from "@bootstamp/byte-source";

/** The state of SHA-256 after the first `offset` bytes of a file. */
export interface PrefixState {
  readonly offset: number;
  readonly hash: Hash;
}

interface FileState extends PrefixState {
  readonly file: string;
}

const mostStates = 32;
/** The coarsest that a file system keeps: FAT. */
const coarsestTimeNs = 2_000_000_000n;

/**
 * SHA-256 states that a thread reached at the places where variants part from their base, kept for the next variant.
 * A state is a few hundred bytes; those not used for longest are dropped.
 */
export class PrefixStates {
  readonly #states = new Map<string, FileState>();

  /** The furthest state of the file that is not beyond `offset`; at worst that of no bytes. The caller owns it. */
  furthest(fingerprint: FileFingerprint, offset: number): PrefixState {
    const file = nameOf(fingerprint);
    let best: FileState | undefined;
    for (const state of this.#states.values()) {
      if (state.file !== file || state.offset > offset) continue;
      if (best === undefined || state.offset > best.offset) best = state;
    }
    if (best === undefined) return { offset: 0, hash: createHash("sha256") };
    this.#keep(best);
    return { offset: best.offset, hash: best.hash.copy() };
  }

  /** Keeps a copy of `state`. Leaves out a file so young that it could be written to again under the same times. */
  remember(fingerprint: FileFingerprint, { offset, hash }: PrefixState): void {
    const ageNs = BigInt(Date.now()) * 1_000_000n - BigInt(fingerprint.changedNs);
    if (ageNs > coarsestTimeNs) this.#keep({ file: nameOf(fingerprint), offset, hash: hash.copy() });
  }

  /** Puts a state last: a Map keeps the order of insertion, so the first is the one not used for longest. */
  #keep(state: FileState): void {
    const key = `${state.file} ${state.offset}`;
    this.#states.delete(key);
    this.#states.set(key, state);
    for (const oldest of this.#states.keys()) {
      if (this.#states.size <= mostStates) return;
      this.#states.delete(oldest);
    }
  }
}

function nameOf({ inode, length, modifiedNs, changedNs }: FileFingerprint): string {
  return [inode, length, modifiedNs, changedNs].join(" ");
}
