import type { FileFingerprint, Overwrite } from "@bootstamp/byte-source";
import type { Extent } from "@bootstamp/segment-map";

/** What a digest thread is asked to do with one file. */
export interface DigestTask {
  readonly path: string;
  /** The file as the other thread knows it; another under the same name is refused. */
  readonly fingerprint: FileFingerprint;
  readonly job: DigestJob;
  readonly pulse: Pulse;
}

export type DigestJob = VariantsJob | RangesJob;

/** SHA-256 of the whole file, once with each set of overwrites. */
interface VariantsJob {
  readonly kind: "variants";
  readonly variants: readonly (readonly Overwrite[])[];
}

/** A digest of each range of the file with the overwrites. */
export interface RangesJob {
  readonly kind: "ranges";
  readonly algorithm: "sha256" | "crc64nvme";
  readonly ranges: readonly Extent[];
  readonly overwrites: readonly Overwrite[];
}

/** Memory that both threads see while a task runs, since a thread that hashes takes no messages. */
export interface Pulse {
  /** One number, not zero once the task is to be given up. */
  readonly stop: Int32Array<SharedArrayBuffer>;
  /** One number, the bytes whose digest is done. */
  readonly done: BigInt64Array<SharedArrayBuffer>;
}

export function newPulse(): Pulse {
  return {
    stop: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
    done: new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT)),
  };
}

/** Says that `count` more bytes are done. Throws if the task is to be given up. */
export function beat(pulse: Pulse, count: number): void {
  Atomics.add(pulse.done, 0, BigInt(count));
  if (Atomics.load(pulse.stop, 0) !== 0) throw new Error("the digest was given up");
}
