import { Fault } from "@bootstamp/fault";

/** Every code of {@link PublishError}; docs/ERRORS.md gives cause and cure. */
export const publishErrorCodes = [
  /** Options that make no store, or a name that makes no key. */
  "PUBLISH_OPTIONS",
  "PUBLISH_UNREACHABLE",
  "PUBLISH_DENIED",
  "PUBLISH_NO_BUCKET",
  /** Fields: `key`. */
  "PUBLISH_NOT_FOUND",
  /** Fields: `status`, `reason`. */
  "PUBLISH_STATUS",
  "PUBLISH_BAD_ANSWER",
  /** Fields: `key`. */
  "PUBLISH_EXISTS",
  /** Fields: `key`, `expected`, `actual`. */
  "PUBLISH_BASE_CHANGED",
  /** Fields: `key`, `expected`, `actual`. */
  "PUBLISH_SOURCE_CHANGED",
  /** Fields: `key`, `offset`. */
  "PUBLISH_DAMAGED",
  "PUBLISH_LATEST",
] as const;

export type PublishErrorCode = (typeof publishErrorCodes)[number];

/** Fields `status` and `reason` are the server's, where it answered. Never has the SDK's own error as its cause. */
export class PublishError extends Fault<PublishErrorCode> {}
