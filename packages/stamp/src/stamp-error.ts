import { Fault } from "@bootstamp/fault";

/** Every code of {@link StampError}; docs/ERRORS.md gives cause and cure. */
export const stampErrorCodes = [
  /** The artifact, read back before it was published, is not what the patch asks for. Fields: `offset` where known. */
  "STAMP_VERIFY_FAILED",
  /** The artifact would replace the stampable image that it is made from. Fields: `path`. */
  "STAMP_OUTPUT_IS_INPUT",
] as const;

export type StampErrorCode = (typeof stampErrorCodes)[number];

export class StampError extends Fault<StampErrorCode> {}
