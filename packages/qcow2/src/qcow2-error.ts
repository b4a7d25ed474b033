import { Fault } from "@bootstamp/fault";

/** Every code of {@link Qcow2Error}; docs/ERRORS.md gives cause and cure. */
export const qcow2ErrorCodes = [
  "QCOW2_NOT_THIS_FORMAT",
  "QCOW2_VERSION",
  "QCOW2_BACKING_FILE",
  "QCOW2_ENCRYPTED",
  "QCOW2_EXTERNAL_DATA",
  "QCOW2_DIRTY",
  "QCOW2_MARKED_CORRUPT",
  "QCOW2_UNKNOWN_FEATURE",
  "QCOW2_DAMAGED",
  "QCOW2_CLUSTER_DAMAGED",
] as const;

export type Qcow2ErrorCode = (typeof qcow2ErrorCodes)[number];

export class Qcow2Error extends Fault<Qcow2ErrorCode> {}

/** The fault of a header or a table that makes no sense, at `offset` of the file. */
export function damaged(offset: number, detail: string): Qcow2Error {
  return new Qcow2Error("QCOW2_DAMAGED", `the qcow2 image is damaged at offset ${offset}: ${detail}`, {
    offset,
  });
}
