/** What is under way with one object. Bytes; what was on the server already counts as neither. */
export interface PublishProgress {
  /** The whole key. */
  readonly key: string;
  readonly state: "sending" | "checking" | "done" | "present";
  readonly length: number;
  readonly uploadedBytes: number;
  readonly copiedBytes: number;
}

/** What every long operation takes. */
export interface RunOptions {
  /** Ends it, with its reason, when everything is tidied up. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PublishProgress) => void;
}
