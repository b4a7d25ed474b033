import { createHash, randomBytes } from "node:crypto";
import { viewRegion } from "@bootstamp/bootfs";
import { describeTable, type RegionChoice } from "@bootstamp/layout";
import {
  judgeLayout,
  type JudgedChange,
  type JudgeFacts,
  type LayoutChange,
  type LayoutCost,
} from "@bootstamp/layout-plan";
import { planParts, s3Rules, type Span } from "@bootstamp/part-plan";
import type { ByteSource } from "@bootstamp/byte-source";
import { aboutFile } from "../about-file.ts";
import { estimatePacked, type EstimatedPart } from "../build/estimate-packed.ts";
import { formats, largestStoredBlock } from "../formats.ts";
import { readLayout, regionOf } from "../open-image.ts";
import { openReadable } from "../open-readable.ts";
import { durationText, sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";
import { tableText } from "../report/table.ts";

export interface JudgeOptions {
  /** An image of any kind: a path or a URL. */
  readonly image: string;
  readonly region?: RegionChoice;
  readonly sectorLength?: 512 | 4096;
}

/** Room that a partition keeps beside its content, when shrinking is judged. */
const reserve = 16 << 20;
/** Behind the last segment: CRC-32 and length of a .gz, or what other formats end with. */
const trailerLength = 8;

/** Says what variants of an image cost by where its partitions lie, and what each change would save. */
export async function judge(options: JudgeOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const { image: reference, region: choice = { role: "boot" }, sectorLength } = options;
  const image = await openReadable(reference, { reporter, signal });
  try {
    const { raw, name: path } = image;
    await aboutFile(path, async () => {
      const layout = await readLayout(raw, sectorLength);
      const region = regionOf(layout, choice);
      const used = await usedBytes(raw, region);
      const facts = await factsOf(raw, region.number, used, signal);
      const judgement = judgeLayout(describeTable(layout.table, raw.length), [region.number], facts);
      reporter.tell({ event: "judged", path, region: region.number, usedBytes: used, ...judgement }, [
        `${path}: partition ${region.number} of ${sizeText(region.length)} is what variants change${used === undefined ? "" : `; ${sizeText(used)} of it are in use`}`,
        "",
        ...judgementLines(judgement.now, judgement.changes, reporter.columns),
        ...judgement.changes.flatMap(({ change, caution }) =>
          caution === undefined ? [] : [`${words[change]}: ${caution}`],
        ),
        ...judgement.notes,
      ]);
    });
  } finally {
    await image.close();
    reporter.settle();
  }
}

interface Region {
  readonly offset: number;
  readonly length: number;
}

/** Undefined where no file system is known. */
async function usedBytes(raw: ByteSource, region: Region): Promise<number | undefined> {
  try {
    const view = await viewRegion(raw, region);
    try {
      return view.identity.length - (await view.freeBytes());
    } finally {
      await view.close();
    }
  } catch {
    return undefined;
  }
}

async function factsOf(
  raw: ByteSource,
  varying: number,
  used: number | undefined,
  signal: AbortSignal,
): Promise<JudgeFacts> {
  const [format] = formats;
  if (format === undefined) throw new Error("internal error: no format");
  const parts = await estimatePacked(raw, format, format.settle({}), signal);
  return {
    storedAlignment: largestStoredBlock,
    contentLength: (number) => (number === varying ? used : undefined),
    reserve,
    packedLength: (range) => packedLength(parts, range),
    digests: { artifact: true, raw: true },
    hashRate: measureHashRate(),
    uploadLength,
  };
}

/** The estimate of a range: each part counts by how much of it is inside. */
function packedLength(parts: readonly EstimatedPart[], { offset, length }: Region): number {
  const end = offset + length;
  const inside = parts.map((part) => {
    const overlap = Math.min(end, part.offset + part.length) - Math.max(offset, part.offset);
    return overlap <= 0 ? 0 : (part.packedLength * overlap) / part.length;
  });
  return Math.round(inside.reduce((sum, each) => sum + each, 0));
}

/** What S3's rules make of a window that differs, and of the end of the file. */
function uploadLength(window: Region, length: number): number {
  const end = Math.max(window.offset + window.length, length - trailerLength);
  const spans: Span[] = [
    { kind: "shared", length: window.offset, baseOffset: 0 },
    { kind: "fresh", length: window.length },
    {
      kind: "shared",
      length: end - window.offset - window.length,
      baseOffset: window.offset + window.length,
    },
    { kind: "fresh", length: Math.max(0, length - end) },
  ];
  return planParts(spans, s3Rules).uploadedBytes;
}

/** Bytes a second of SHA-256 on this machine, from a quarter of a second or so. */
function measureHashRate(): number {
  const sample = randomBytes(1 << 20);
  const hash = createHash("sha256");
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < 200) {
    hash.update(sample);
    count++;
  }
  return (count * sample.length * 1000) / (performance.now() - started);
}

const words: Readonly<Record<LayoutChange, string>> = {
  last: "put it last",
  aligned: "align it",
  shrunk: `shrink it, ${sizeText(reserve)} free`,
  all: "all of these",
};

function judgementLines(now: LayoutCost, changes: readonly JudgedChange[], width: number): string[] {
  const columns = [
    { title: "each variant" },
    { title: "stored", align: "right" },
    { title: "hashed", align: "right" },
    { title: "SHA-256", align: "right" },
    { title: "upload to S3", align: "right" },
  ] as const;
  const rows = [
    ["costs now", ...costCells(now)],
    ...changes.map(({ change, cost }) => [words[change], ...costCells(cost)]),
  ];
  const verdict = changes.length === 0 ? ["", "no change of its layout would save anything"] : [""];
  return [...tableText(columns, rows, width), ...verdict];
}

function costCells({ storedBytes, hashedBytes, hashSeconds, uploadBytes }: LayoutCost): string[] {
  return [
    sizeText(storedBytes),
    sizeText(hashedBytes),
    hashSeconds === undefined ? "" : durationText(hashSeconds),
    sizeText(uploadBytes),
  ];
}
