import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openStore, planPrune, prune, type Store } from "@bootstamp/publish";
import { gatewayTools, startGateway } from "@bootstamp/s3-server";
import { findTool } from "@bootstamp/witnesses";
import type { Benchmark, Findings } from "../benchmark.ts";
import { markdownTable } from "../markdown-table.ts";
import { mebibytesText, numberText, ratioText, timeText } from "../quantity.ts";
import type { Site } from "../site.ts";
import { severalCount } from "../specs.ts";
import { isTiny } from "../tiny.ts";

/**
 * Releases of `several.yaml`, all of the same variants: a hundred objects of five. The gateway has its objects in
 * memory, and not for all of them at once.
 */
const releases = isTiny ? 2 : 100 / severalCount;
/** Every so manieth release is uploaded whole, too. */
const wholeEvery = isTiny ? 1 : 5;
const bucket = "bench";

/** Variants composed on an S3 server against each of them uploaded. */
export const publishing: Benchmark = {
  name: "publishing",
  title: `${releases} releases of ${severalCount} variants as S3 objects`,
  run: async (site) => {
    if (gatewayTools.some((tool) => findTool(tool) === undefined))
      return { text: "not measured: there is no Ceph gateway on this machine", verdicts: [] };
    await using gateway = await startGateway();
    process.env["AWS_ACCESS_KEY_ID"] = gateway.accessKeyId;
    process.env["AWS_SECRET_ACCESS_KEY"] = gateway.secretAccessKey;
    process.env["AWS_ENDPOINT_URL"] = gateway.endpoint;
    const store = await openStore({ bucket });
    const wholeStore = await openStore({ bucket, prefix: "whole" });
    await store.client.send(new store.sdk.CreateBucketCommand({ Bucket: bucket }));
    try {
      return await measureReleases(site, store, wholeStore);
    } finally {
      store.close();
      wholeStore.close();
      for (const name of ["published", "whole"])
        rmSync(join(site.folder, name), { recursive: true, force: true });
    }
  },
};

/** What one `bootstamp publish` came to. */
interface Publication {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly sentBytes: number;
  readonly copiedBytes: number;
  readonly requests: number;
}

async function measureReleases(site: Site, store: Store, wholeStore: Store): Promise<Findings> {
  await site.measure("bootstamp build several.yaml -o published", ["published"]);
  // Without what the build keeps of the base, nothing can be copied from it.
  cpSync(join(site.folder, "published"), join(site.folder, "whole"), {
    recursive: true,
    filter: (path) => !path.endsWith(".bootstamp"),
  });
  const first = await publish(site, `bootstamp publish published --bucket ${bucket} --release first`);
  const composed: Publication[] = [];
  const whole: Publication[] = [];
  for (let index = 0; index < releases; index++) {
    await clear(store);
    composed.push(await publish(site, `bootstamp publish published --bucket ${bucket} --release r${index}`));
    if (index % wholeEvery !== 0) continue;
    await clear(store);
    const words = `--bucket ${bucket} --prefix whole --release w${index}`;
    whole.push(await publish(site, `bootstamp publish whole ${words}`));
    await clear(wholeStore);
  }
  return { text: textOf(site, first, composed, whole), verdicts: [] };
}

async function publish(site: Site, command: string): Promise<Publication> {
  const report = "publish.jsonl";
  const { wallSeconds, cpuSeconds, peakBytes } = await site.measure(`${command} --json > ${report}`, [
    report,
  ]);
  const lines = readFileSync(join(site.folder, report), "utf8").trim().split("\n");
  const published: Pick<Publication, "sentBytes" | "copiedBytes" | "requests"> = JSON.parse(
    lines.find((line) => line.includes('"event":"published"')) ?? "{}",
  );
  const { sentBytes, copiedBytes, requests } = published;
  return { seconds: wallSeconds, cpuSeconds, peakBytes, sentBytes, copiedBytes, requests };
}

/** Removes all releases but the newest, and gives the gateway the time to let go of their bytes. */
async function clear(store: Store): Promise<void> {
  await prune(store, await planPrune(store, { keep: 1 }));
  await sleep(isTiny ? 0 : 8000);
}

function textOf(
  site: Site,
  first: Publication,
  composed: readonly Publication[],
  whole: readonly Publication[],
): string {
  const [fast, slow] = [composed, whole].map((all) => ({
    variants: all.length * severalCount,
    sent: sum(all, "sentBytes"),
    copied: sum(all, "copiedBytes"),
    seconds: sum(all, "seconds"),
    cpuSeconds: sum(all, "cpuSeconds"),
    requests: sum(all, "requests"),
    peak: Math.max(...all.map(({ peakBytes }) => peakBytes)),
  }));
  if (fast === undefined || slow === undefined) throw new Error("internal error: nothing measured");
  const rows = [["composed on the server", fast] as const, ["each uploaded", slow] as const].map(
    ([what, { variants, sent, copied, seconds, cpuSeconds, requests, peak }]) => [
      what,
      String(variants),
      mebibytesText(sent / variants),
      mebibytesText(copied / variants),
      timeText(seconds / variants),
      timeText(cpuSeconds / variants),
      numberText(requests / variants),
      mebibytesText(peak),
    ],
  );
  const titles = [
    "way",
    ">objects",
    ">sent an object",
    ">copied there",
    ">wall an object",
    ">CPU of ours",
    ">requests",
    ">memory",
  ];
  const sentRatio = ratioText(slow.sent / slow.variants, fast.sent / fast.variants);
  return [
    `\`bootstamp publish\`, the same ${severalCount} variants of a base of ${mebibytesText(site.base.length)} in ${releases} releases, one after the other: ${fast.variants} objects composed, each anew, as nothing of an earlier release is copied. Each uploaded: ${whole.length} of these releases, ${slow.variants} objects. The Ceph gateway is on this machine and has its objects in memory: the copying is its work, and takes it CPU time and memory bandwidth. The first release, with the base, sent ${mebibytesText(first.sentBytes)} in ${numberText(first.seconds)} s and ${first.requests} requests.`,
    markdownTable(titles, rows),
    `Uploading each sends ${sentRatio} times as much. Requests are all of a release, its texts too, shared out; each object is looked at before and after, and read back around its seams.`,
  ].join("\n\n");
}

function sum(all: readonly Publication[], field: keyof Publication): number {
  return all.reduce((total, each) => total + each[field], 0);
}
