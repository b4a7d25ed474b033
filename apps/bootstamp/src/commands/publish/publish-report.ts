import type {
  PlannedCost,
  PlannedObject,
  PrunePlan,
  PublishedObject,
  ReleaseSummary,
  StoreCounters,
} from "@bootstamp/publish";
import { countText, durationText, sizeText } from "../../report/quantity.ts";
import type { Reporter } from "../../report/reporter.ts";
import { tableText } from "../../report/table.ts";
import { storedBytes, type ServerBase } from "./bases-on-server.ts";

/** More rows are of no use to a person; `--json` gives them all. */
const shownObjects = 40;

/** Says what would be sent; for a dry run. */
export function tellPlan(
  reporter: Reporter,
  place: string,
  release: string,
  objects: readonly PlannedObject[],
  { uploadedBytes, copiedBytes, requests }: PlannedCost,
): void {
  const rows = objects.map(({ key, length, fate, plan }) => ({
    key,
    length,
    fate,
    uploadedBytes: plan.uploadedBytes,
    copiedBytes: plan.copiedBytes,
    requests: plan.requests,
  }));
  reporter.tell({ event: "publish-plan", release, objects: rows, uploadedBytes, copiedBytes, requests }, [
    `plan      ${place}, release ${release}`,
    "",
    ...planTable(rows, reporter.columns),
    "",
    `would send ${sizeText(uploadedBytes)} and copy ${sizeText(copiedBytes)} on the server, in ${countText(requests, "request")}`,
  ]);
}

interface PlanRow extends PlannedCost {
  readonly key: string;
  readonly fate: PlannedObject["fate"];
}

function planTable(rows: readonly PlanRow[], columns: number): string[] {
  const cells = rows.slice(0, shownObjects).map(({ key, fate, uploadedBytes, copiedBytes, requests }) => {
    const isMoved = fate === "new" || fate === "replaced";
    return isMoved
      ? [key, fate, sizeText(uploadedBytes), sizeText(copiedBytes), String(requests)]
      : [key, fate];
  });
  const titles = [
    { title: "object" },
    { title: "fate" },
    { title: "up", align: "right" },
    { title: "copied", align: "right" },
    { title: "requests", align: "right" },
  ] as const;
  const more = rows.length - cells.length;
  return [...tableText(titles, cells, columns), ...(more > 0 ? [`... and ${more} more`] : [])];
}

/** Says how a stampable image got to the server, and returns it. */
export function tellBase(reporter: Reporter, base: PublishedObject): PublishedObject {
  const { bucket, key, length, isNew, uploadedBytes, keptBytes } = base;
  const kept = keptBytes === 0 ? "" : `, ${sizeText(keptBytes)} were sent before`;
  const how = isNew ? `${sizeText(uploadedBytes)} sent${kept}` : "there already";
  reporter.tell({ event: "base-published", key, length, isNew, uploadedBytes, keptBytes }, [
    `base      s3://${bucket}/${key}, ${sizeText(length)}: ${how}`,
  ]);
  return base;
}

/** Says what a run came to. */
export function tellPublished(
  reporter: Reporter,
  release: string,
  { objects, presentCount, uploadedBytes, copiedBytes }: ReleaseSummary,
  { requests, sentBytes, fetchedBytes }: StoreCounters,
  seconds: number,
): void {
  const facts = { presentCount, uploadedBytes, copiedBytes, requests, sentBytes, fetchedBytes, seconds };
  const there = presentCount === 0 ? "" : `, ${presentCount} of them there already`;
  reporter.tell({ event: "published", release, ...facts, objects: objects.map(({ key }) => key) }, [
    `published ${release}: ${countText(objects.length, "object")}${there}`,
    `          ${sizeText(sentBytes)} sent, ${sizeText(copiedBytes)} copied on the server, ${sizeText(fetchedBytes)} read back; ${countText(requests, "request")} in ${durationText(seconds)}`,
  ]);
}

/** Says which stampable images on the server variants are composed of, and what finding that out took. */
export function tellServerBases(
  reporter: Reporter,
  bases: readonly ServerBase[],
  { requests, fetchedBytes }: StoreCounters,
): void {
  const facts = bases.map(({ name, found: { pinned, crc64nvme }, identity, map }) => ({
    name,
    etag: pinned.etag,
    versionId: pinned.versionId,
    length: map.packedLength,
    rawLength: map.rawLength,
    identity,
    isCrcKnown: crc64nvme !== undefined,
  }));
  const total = bases.reduce((sum, { map }) => sum + map.packedLength, 0);
  reporter.tell({ event: "server-bases", bases: facts, requests, fetchedBytes }, [
    ...bases.map(
      (base) =>
        `base      ${base.name}, ${sizeText(base.map.packedLength)}, ${sizeText(storedBytes(base))} of it may change`,
    ),
    `fetched   ${sizeText(fetchedBytes)} of ${sizeText(total)}, in ${countText(requests, "request")}; no SHA-256, which takes all of it`,
    ...bases
      .filter(({ found }) => found.crc64nvme === undefined)
      .map(({ name }) => `          no CRC-64/NVME either: the server has none of ${name}`),
  ]);
}

/** Says which older releases go, before any does. */
export function tellPrune(reporter: Reporter, { kept, removed, uploads }: PrunePlan, dryRun: boolean): void {
  const facts = {
    dryRun,
    removed: removed.map(({ release, bytes, keys }) => ({ release, bytes, objects: keys.length })),
    kept: kept.map(({ release }) => release),
    uploads: uploads.map(({ key }) => key),
  };
  const verb = dryRun ? "would remove" : "removing";
  reporter.tell({ event: "prune-plan", ...facts }, [
    ...(removed.length === 0
      ? [`prune     nothing to remove: ${countText(kept.length, "release")} to keep`]
      : []),
    ...removed.map(
      ({ release, bytes, keys, published }) =>
        `prune     ${verb} ${release} of ${published.toISOString().slice(0, 10)}: ${countText(keys.length, "object")}, ${sizeText(bytes)}`,
    ),
    ...uploads.map(({ key }) => `prune     ${verb} an upload of ${key} that was never completed`),
  ]);
}
