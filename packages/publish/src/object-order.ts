import type { NewObject } from "./new-object.ts";
import type { ObjectPlan } from "./object-plan.ts";
import type { PinnedObject } from "./pinned-object.ts";
import type { UploadRecords } from "./upload-records.ts";

/** How an upload that was interrupted is gone on with. */
export interface Resuming {
  readonly records: UploadRecords;
  /** Leaves the parts on the server when something fails, instead of aborting the upload. */
  readonly keepParts: boolean;
}

/** An object, and the way in which it gets to the server. */
export interface ObjectOrder {
  readonly object: NewObject;
  readonly plan: ObjectPlan;
  readonly base?: PinnedObject | undefined;
  readonly resuming?: Resuming | undefined;
}

/** Bytes that were moved so far. */
export interface Moved {
  uploaded: number;
  copied: number;
  kept: number;
}
