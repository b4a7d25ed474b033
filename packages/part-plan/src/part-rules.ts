import { PartPlanError } from "./part-plan-error.ts";

/** What a server allows. Lengths in bytes. */
export interface PartRules {
  /** Of every part but the last. */
  readonly leastLength: number;
  /** Three times the least length or more. */
  readonly mostLength: number;
  readonly mostParts: number;
}

/** Amazon S3: "Amazon S3 multipart upload limits" in its user guide. */
export const s3Rules: PartRules = { leastLength: 5 * 2 ** 20, mostLength: 5 * 2 ** 30, mostParts: 10_000 };

/** @throws PartPlanError `PARTS_OBJECT_TOO_LARGE`. */
export function checkTotal(length: number, { mostLength, mostParts }: PartRules): void {
  const most = mostLength * mostParts;
  if (length <= most) return;
  throw new PartPlanError(
    "PARTS_OBJECT_TOO_LARGE",
    `an object of ${length} bytes does not fit into ${mostParts} parts of ${mostLength} bytes`,
    { length, most },
  );
}
