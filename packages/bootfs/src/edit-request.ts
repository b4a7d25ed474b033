import type { FileFingerprint, ThreadSourceHandle } from "@bootstamp/byte-source";
import type { PortableFault } from "@bootstamp/fault";
import type { EditOutcome, RegionEdits } from "./edit-region.ts";

/** What a thread is asked to do. A file it opens itself; other sources are read through the asking thread. */
export interface ThreadRequest extends RegionEdits {
  readonly image:
    | { readonly path: string; readonly fingerprint: FileFingerprint }
    | { readonly shared: ThreadSourceHandle };
}

export type ThreadAnswer = { readonly outcome: EditOutcome } | { readonly fault: PortableFault };
