import { isSame, type NewObject } from "./new-object.ts";
import { headObject } from "./object-calls.ts";
import type { ObjectPlan } from "./object-plan.ts";
import { wholeKey, type Store } from "./store.ts";

/** What would become of an object, and what that costs. */
export interface PlannedObject {
  /** The whole key. */
  readonly key: string;
  readonly length: number;
  /** `present`: nothing to do. `refused`: an object of other bytes is there, and may not be replaced. */
  readonly fate: "new" | "present" | "replaced" | "refused";
  readonly plan: ObjectPlan;
}

/** Looks at an object's key, and changes nothing. */
export async function planFate(
  store: Store,
  object: NewObject,
  plan: ObjectPlan,
  signal: AbortSignal | undefined,
): Promise<PlannedObject> {
  const key = wholeKey(store, object.key);
  const there = await headObject(store, { bucket: store.settings.bucket, key }, signal);
  const { length } = object.source;
  if (there === undefined) return { key, length, fate: "new", plan };
  if (isSame(there, object)) return { key, length, fate: "present", plan };
  return { key, length, fate: object.overwrite === true ? "replaced" : "refused", plan };
}

/** What objects come to together, if nothing fails. */
export interface PlannedCost {
  readonly uploadedBytes: number;
  readonly copiedBytes: number;
  readonly requests: number;
}

export function costOf(objects: readonly PlannedObject[]): PlannedCost {
  const moved = objects.filter(({ fate }) => fate === "new" || fate === "replaced");
  return {
    uploadedBytes: moved.reduce((sum, { plan }) => sum + plan.uploadedBytes, 0),
    copiedBytes: moved.reduce((sum, { plan }) => sum + plan.copiedBytes, 0),
    requests: objects.reduce((sum, planned) => sum + requestsOf(planned), 0),
  };
}

/** One that is there is looked at, and read around its seams. */
function requestsOf({ fate, plan }: PlannedObject): number {
  if (fate === "present") return 1 + plan.seams.length;
  return fate === "refused" ? 1 : plan.requests;
}
