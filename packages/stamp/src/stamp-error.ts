import { Fault } from "@bootstamp/fault";

/** Every code of {@link StampError}; docs/ERRORS.md gives cause and cure. */
export const stampErrorCodes = [
  /** The artifact, read back before it was published, is not what the patch asks for. Fields: `offset` where known. */
  "STAMP_VERIFY_FAILED",
  /** The artifact would replace the stampable image that it is made from. Fields: `path`. */
  "STAMP_OUTPUT_IS_INPUT",
  /** An artifact is of another base than the stamp. */
  "STAMP_OTHER_BASE",
  /** An artifact is of the stamp's base, and not what the stamp makes of it. */
  "STAMP_OTHER_VARIANT",
  /** Another process, or another caller in this one, changes the file in place. Fields: `path`, `processId`. */
  "STAMP_IN_PLACE_BUSY",
  /** The file has other names, under which it would change too. Fields: `path`, `links`. */
  "STAMP_IN_PLACE_LINKED",
  /** A change in place was cut off, by a crash or a kill, and was not brought in order yet. Fields: `path`, `trace`. */
  "STAMP_IN_PLACE_CUT_OFF",
  /** A region that should be written to is not stored as a whole. Fields: `path`, `offset`, `length`, `from`. */
  "STAMP_REGION_NOT_STORED",
  /** A change in place failed, and so did undoing it: the journal stays. Fields: `path`, `journal`. */
  "STAMP_IN_PLACE_NOT_UNDONE",
  /** What is where a journal would be is none, or not one to be trusted. Fields: `journal`. */
  "STAMP_JOURNAL_FOREIGN",
  /** Fields: `journal`, `version`. */
  "STAMP_JOURNAL_VERSION",
  /** A journal is of another file than the one that it is beside. Fields: `journal`; `offset` where known. */
  "STAMP_JOURNAL_OTHER_FILE",
  /** What is where a mark would be is none, or not one to be trusted. Fields: `mark`. */
  "STAMP_MARK_FOREIGN",
  /** Fields: `mark`, `version`. */
  "STAMP_MARK_VERSION",
  /** A mark is of another file than the one that it is beside. Fields: `mark`. */
  "STAMP_MARK_OTHER_FILE",
] as const;

export type StampErrorCode = (typeof stampErrorCodes)[number];

export class StampError extends Fault<StampErrorCode> {}
