import { join } from "node:path";
import { planParts, s3Rules, type Span } from "@bootstamp/part-plan";
import { findTool } from "@bootstamp/witnesses";
import { openDigester } from "@bootstamp/stamp";
import type { Benchmark } from "../benchmark.ts";
import { measureLap } from "../lap.ts";
import { markdownTable } from "../markdown-table.ts";
import { mebibytesText, ratioText, timeText } from "../quantity.ts";
import { runRounds } from "../rounds.ts";
import { openPatchable, type Patchable } from "../sample-patch.ts";
import type { Site } from "../site.ts";
import { writeSpecFor } from "../specs.ts";
import { typicalUsage, type TypicalUsage } from "../usage.ts";

/** What it saves each variant that /boot lies behind all other partitions. */
export const bootLast: Benchmark = {
  name: "layout",
  title: "The boot partition put last",
  run: async (site) => {
    if (findTool("resize2fs") === undefined)
      return { text: "not measured: it takes resize2fs", verdicts: [] };
    site.say("laying the image out anew");
    await site.measure("bootstamp layout --relayout base.img --last -o last.img", ["last.img"]);
    await site.measure("bootstamp layout --relayout base.img --last --shrink +16MiB -o small.img", [
      "small.img",
    ]);
    const images = [
      await openImage(site, "as it was made", "touched"),
      await openImage(site, "/boot last", "last"),
      await openImage(site, "/boot last, shrunk to what is in use and 16 MiB", "small"),
    ];
    try {
      const measured = await measureDigests(images);
      const reference = measured[0];
      if (reference === undefined) throw new Error("internal error: nothing measured");
      const rows = images.map((image, index) => rowOf(image, measured[index] ?? reference, reference));
      const titles = [
        "image",
        ">compressed",
        ">begins to differ at",
        ">SHA-256, CPU",
        ">ratio",
        ">upload to S3",
      ];
      return {
        text: `${markdownTable(titles, rows)}\n\nSHA-256 of one more variant, in one thread that has digested another one before; bytes that S3 has to be sent for it where the stampable file is there already. The image's own variants change two small files.`,
        verdicts: [],
      };
    } finally {
      for (const { patchable } of images) patchable.source.close();
    }
  },
};

interface Image {
  readonly name: string;
  readonly patchable: Patchable;
}

async function openImage(site: Site, name: string, spec: string): Promise<Image> {
  if (spec !== "touched") writeSpecFor(site.folder, spec, join(site.folder, `${spec}.img`));
  return { name, patchable: await openPatchable(join(site.folder, await site.stampable(spec))) };
}

async function measureDigests(images: readonly Image[]): Promise<TypicalUsage[]> {
  const digester = openDigester({ threads: 1 });
  try {
    const contenders = images.map(({ name, patchable: { source, writes } }) => ({
      name,
      measure: () => measureLap(() => digester.digest({ file: source, overwrites: writes })),
    }));
    // what variants have in common is kept from the first one on
    for (const { measure } of contenders) await measure();
    const measured = await runRounds(contenders, { rounds: 9, seconds: 20 });
    return contenders.map(({ name }) => typicalUsage(measured.get(name) ?? []));
  } finally {
    await digester.close();
  }
}

function rowOf({ name, patchable }: Image, usage: TypicalUsage, reference: TypicalUsage): string[] {
  const { source, writes } = patchable;
  return [
    name,
    mebibytesText(source.length),
    mebibytesText(writes[0]?.offset ?? 0),
    timeText(usage.cpuSeconds),
    ratioText(usage.cpuSeconds, reference.cpuSeconds),
    mebibytesText(uploadOf(patchable)),
  ];
}

function uploadOf({ source, writes }: Patchable): number {
  const spans: Span[] = [];
  let end = 0;
  for (const { offset, bytes } of writes) {
    spans.push(
      { kind: "shared", length: offset - end, baseOffset: end },
      { kind: "fresh", length: bytes.length },
    );
    end = offset + bytes.length;
  }
  spans.push({ kind: "shared", length: source.length - end, baseOffset: end });
  return planParts(spans, s3Rules).uploadedBytes;
}
