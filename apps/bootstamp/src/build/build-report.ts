import { basename } from "node:path";
import { totalLength } from "@bootstamp/segment-map";
import { describePartition } from "@bootstamp/layout";
import { countText, durationText, shareText, sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";
import { tableText } from "../report/table.ts";
import { generator } from "../version.ts";
import type { BaseImage } from "./base-image.ts";
import type { Stampable } from "./press-base.ts";
import type { ReservedRoom } from "./reserve-room.ts";
import type { PatchedVariant } from "./render-patches.ts";
import type { MadeStamp } from "./make-stamps.ts";
import type { StampedArtifact } from "./stamp-variants.ts";
import type { Survey } from "./survey.ts";

/** Lines of a step have its name on the left, so that a build reads down one column. */
function step(name: string, text: string): string {
  return `${name.padEnd(9)} ${text}`;
}

export function tellBase(reporter: Reporter, { name, raw, layout, region }: BaseImage): void {
  for (const { message } of layout.table.warnings) reporter.warn(message);
  const probe = layout.probes.get(region.number);
  const { number, offset, length } = region;
  reporter.tell({ event: "base", path: name, length: raw.length, region: { number, offset, length } }, [
    step("base", `${basename(name)}, ${sizeText(raw.length)}`),
    step("region", `partition ${describePartition(region, probe)}`),
  ]);
}

/** Of a base that is no raw file, and had to be unpacked. */
export function tellUnpacked(reporter: Reporter, name: string, length: number, seconds: number): void {
  reporter.tell({ event: "base-unpacked", path: name, length, seconds }, [
    step("unpacked", `${basename(name)}, ${sizeText(length)}, in ${durationText(seconds)}`),
  ]);
}

export function tellPatched(reporter: Reporter, patched: PatchedVariant, done: number, total: number): void {
  const { plan, extents, reports } = patched;
  reporter.tell({ event: "edited", variant: plan.name, extents, edits: reports, done, total }, []);
  reporter.progress({ task: "edit", done, total, unit: "variants" });
}

export function tellReserve(reporter: Reporter, { choice, extents }: ReservedRoom): void {
  const { files, newFiles, slots } = choice;
  const bytes = totalLength(extents);
  const purposes = [
    ...(files.length === 0 ? [] : [countText(files.length, "file")]),
    ...(newFiles === undefined ? [] : [`${sizeText(newFiles.bytes)} of new files in ${newFiles.directory}`]),
    ...(slots.length === 0 ? [] : [countText(slots.length, "slot")]),
  ];
  reporter.tell({ event: "reserve", bytes, extents, files, newFiles, slots }, [
    step(
      "reserve",
      `${sizeText(bytes)} in ${countText(extents.length, "place")}, for ${purposes.join(", ")}`,
    ),
  ]);
}

export function tellPatches(reporter: Reporter, { patched, stored }: Survey): void {
  reporter.tell({ event: "stored", extents: stored }, [
    step(
      "stored",
      `${sizeText(totalLength(stored))} in ${countText(stored.length, "place")}, for ${countText(patched.length, "variant")}`,
    ),
  ]);
}

/** Says which variants of a spec are stamped, where it is not all. */
export function tellSelected(
  reporter: Reporter,
  selected: readonly { readonly name: string }[],
  total: number,
): void {
  const names = selected.map(({ name }) => name);
  reporter.tell({ event: "selected", variants: names, total }, [
    step("selected", `${selected.length} of ${countText(total, "variant")}`),
  ]);
}

/** A job that was to take a base from another one and did not find it should not go unnoticed: it costs the most. */
export function tellUnprepared(reporter: Reporter, format: string): void {
  reporter.warn(
    `the prepared bases have none of this spec as .${format}, made by ${generator}: it was compressed again`,
  );
}

export function tellPressed(
  reporter: Reporter,
  stampable: Stampable,
  rawLength: number,
  seconds: number,
): void {
  const { record, reused } = stampable;
  const how = reused ? "as it was pressed before" : `in ${durationText(seconds)}`;
  const engine = `${record.engine} ${record.engineVersion} level ${record.level}`;
  reporter.tell({ event: "pressed", ...record, reused, seconds }, [
    step(
      "pressed",
      `${record.format} ${sizeText(record.length)}, ${shareText(record.length, rawLength)}, ${how} (${engine})`,
    ),
  ]);
}

export function tellStamped(
  reporter: Reporter,
  artifact: StampedArtifact,
  done: number,
  total: number,
): void {
  const { record, made, isForetold, stampSeconds, digestSeconds } = artifact;
  const event = isForetold ? "foretold" : "artifact";
  reporter.tell({ event, ...record, made, stampSeconds, digestSeconds, done, total }, []);
}

/** `done` counts the parts of those artifacts that are under way. */
export function tellStamping(reporter: Reporter, done: number, total: number): void {
  reporter.progress({ task: "stamp", done, total, unit: "artifacts" });
}

export function tellStampFile(
  reporter: Reporter,
  { record, made }: MadeStamp,
  done: number,
  total: number,
): void {
  reporter.tell({ event: "stamp-file", ...record, made, done, total }, []);
  reporter.progress({ task: "write stamps", done, total, unit: "stamps" });
}

const artifactColumns = [
  { title: "variant" },
  { title: "file" },
  { title: "size", align: "right" },
  { title: "stamped in", align: "right" },
  { title: "sha256" },
] as const;

const stampColumns = [
  { title: "variant" },
  { title: "stamp" },
  { title: "size", align: "right" },
  { title: "sha256" },
] as const;

/** A longer table is of no use to a person; the manifest has it all. */
const shownRows = 40;

/** What a build came to. */
interface Made {
  readonly artifacts: readonly StampedArtifact[];
  readonly stamps: readonly MadeStamp[];
}

export function tellDone(
  reporter: Reporter,
  { artifacts, stamps }: Made,
  directory: string,
  recordsChanged: boolean,
  seconds: number,
): void {
  const made = [...artifacts, ...stamps].filter((each) => each.made).length;
  const counts = { artifacts: artifacts.length, ...(stamps.length === 0 ? {} : { stamps: stamps.length }) };
  const event = { event: "done", directory, ...counts, made, seconds };
  const all = [
    ...(artifacts.length === 0 ? [] : [countText(artifacts.length, "artifact")]),
    ...(stamps.length === 0 ? [] : [countText(stamps.length, "stamp")]),
  ].join(" and ");
  if (made === 0 && !recordsChanged) {
    reporter.tell(event, [step("done", `nothing to do: ${all} in ${directory} up to date`)]);
    return;
  }
  reporter.tell(event, [
    "",
    ...(artifacts.length === 0 ? stampTable(stamps, reporter) : artifactTable(artifacts, reporter)),
    "",
    step("done", `${all} in ${directory}, ${made} made now, in ${durationText(seconds)} altogether`),
  ]);
}

function artifactTable(artifacts: readonly StampedArtifact[], { columns }: Reporter): string[] {
  const rows = artifacts
    .slice(0, shownRows)
    .map(({ record, made, stampSeconds }) => [
      record.variant,
      record.file,
      sizeText(record.length),
      made ? durationText(stampSeconds) : "before",
      shortDigest(record.sha256),
    ]);
  return [...tableText(artifactColumns, rows, columns), ...moreLine(artifacts.length)];
}

function stampTable(stamps: readonly MadeStamp[], { columns }: Reporter): string[] {
  const rows = stamps
    .slice(0, shownRows)
    .map(({ record }) => [record.variant, record.file, sizeText(record.length), shortDigest(record.sha256)]);
  return [...tableText(stampColumns, rows, columns), ...moreLine(stamps.length)];
}

function shortDigest(sha256: string | undefined): string {
  return sha256 === undefined ? "" : `${sha256.slice(0, 16)}..`;
}

function moreLine(count: number): string[] {
  return count > shownRows ? [`... and ${count - shownRows} more, all of them in manifest.json`] : [];
}

const shownStrays = 5;

/** Says which artifacts of earlier builds are still in the directory. */
export function tellStrays(reporter: Reporter, strays: readonly string[], directory: string): void {
  if (strays.length === 0) return;
  const more = strays.length - shownStrays;
  const names = strays.slice(0, shownStrays).join(", ") + (more > 0 ? ` and ${more} more` : "");
  reporter.warn(
    `${directory} still has what earlier builds made and the spec does not name any more: ${names}`,
  );
}
