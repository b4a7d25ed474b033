import {
  planEqualParts,
  planParts,
  s3Rules,
  type Part,
  type PartPlan,
  type PartRules,
  type Span,
} from "@bootstamp/part-plan";
import type { StoreSettings } from "./store-options.ts";

/** How an object gets to a server, and what that costs if nothing fails. */
export interface ObjectPlan extends PartPlan {
  /** By one request, or as a multipart upload of `parts`. */
  readonly way: "put" | "multipart";
  /** Where the object is read back and compared, afterwards. */
  readonly seams: readonly number[];
  /** Whether the tags are written again when the object is there. */
  readonly isTaggedAfter: boolean;
  readonly requests: number;
}

/** What is uploaded at a time; the planner goes up to twice of it. */
const uploadLength = 8 * 2 ** 20;
/** What is copied at a time, at the most. */
const copyLength = 2 ** 30;
/** What is put by one request, at the most. */
const putLength = 32 * 2 ** 20;
const requestsOfPut = ["look", "write", "look again"].length;
const requestsOfUpload = ["look", "begin", "complete", "look again"].length;

/** What bears on how an object gets to a server, beside its spans. */
export interface PlanFacts {
  readonly base?: { readonly versionId?: string | undefined } | undefined;
  readonly isTagged: boolean;
}

/** Cuts an object that consists of `spans`. */
export function planObject(spans: readonly Span[], settings: StoreSettings, facts: PlanFacts): ObjectPlan {
  const rules = rulesFor(spans);
  const plan = settings.equalParts ? planEqualParts(spans, rules) : planParts(spans, rules, uploadLength);
  return planOf(plan, settings, facts);
}

/** S3's own, with shorter copies where there may be so many: they run at the same time, and each ends in time. */
function rulesFor(spans: readonly Span[]): PartRules {
  const length = spans.reduce((sum, span) => sum + span.length, 0);
  const wished = Math.max(copyLength, Math.ceil((length / s3Rules.mostParts) * 4));
  return { ...s3Rules, mostLength: Math.min(s3Rules.mostLength, wished) };
}

/** What the parts of an object come to. */
export function planOf(
  { parts, uploadedBytes, copiedBytes }: PartPlan,
  settings: StoreSettings,
  { base, isTagged }: PlanFacts,
): ObjectPlan {
  const sizes = { parts, uploadedBytes, copiedBytes };
  // One part that is uploaded is better put at once, while it is short enough to be held in memory.
  if (parts.length < 2 && copiedBytes === 0 && uploadedBytes <= putLength)
    return { way: "put", ...sizes, seams: [], isTaggedAfter: false, requests: requestsOfPut };
  const seams = seamsOf(parts);
  // Ceph 16 takes the tags of a multipart upload, and forgets them. Amazon's own keeps them.
  const isTaggedAfter = isTagged && settings.endpoint !== undefined;
  const looksAtBase = copiedBytes > 0 && base?.versionId === undefined ? 1 : 0;
  const requests = requestsOfUpload + looksAtBase + parts.length + seams.length + (isTaggedAfter ? 1 : 0);
  return { way: "multipart", ...sizes, seams, isTaggedAfter, requests };
}

/** Between parts that were uploaded, which the server checked one by one, a few will do. */
const mostPlainSeams = 8;

function seamsOf(parts: readonly Part[]): number[] {
  const copied: number[] = [];
  const plain: number[] = [];
  for (const [index, part] of parts.entries()) {
    const before = parts[index - 1];
    if (before === undefined) continue;
    const isPlain = before.kind === "upload" && part.kind === "upload";
    (isPlain ? plain : copied).push(part.offset);
  }
  const step = Math.max(1, Math.ceil(plain.length / mostPlainSeams));
  return [...copied, ...plain.filter((_, index) => index % step === 0)].toSorted((a, b) => a - b);
}
