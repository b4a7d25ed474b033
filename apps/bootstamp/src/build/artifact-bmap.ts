import { basename } from "node:path";
import { bmapRanges, encodeBmap, variantDigests } from "@bootstamp/bmap";
import { fingerprintAt, type FileFingerprint } from "@bootstamp/byte-source";
import type { Extent } from "@bootstamp/segment-map";
import { isStillAt } from "./is-still-at.ts";
import type { Stampable } from "./press-base.ts";
import type { ArtifactOrder, StampContext } from "./stamp-variants.ts";
import { writeIfChanged } from "./write-if-changed.ts";
import { LedgerShelf } from "./ledger-shelf.ts";

/** The ranges of a base's bmap with their digests, which are worked out once for each format. */
export type BaseRanges = Map<string, Promise<DigestedRanges>>;

interface DigestedRanges {
  readonly ranges: readonly Extent[];
  readonly digests: readonly string[];
}

/** What the ledger keeps of a bmap. */
interface KnownBmap {
  /** Of the artifact that it belongs to. */
  readonly identity: string;
  readonly fingerprint: FileFingerprint;
}

type BmapContext = Pick<StampContext, "base" | "workshop" | "digester" | "signal"> & {
  readonly ranges: BaseRanges;
};

export const bmapShelf: LedgerShelf<KnownBmap> = new LedgerShelf("bmap");

export function bmapPathOf(artifactPath: string): string {
  return `${artifactPath}.bmap`;
}

/** Writes the bmap beside an artifact, unless an earlier run did, and returns its file name. */
export async function makeBmap(order: ArtifactOrder, context: BmapContext): Promise<string> {
  const path = bmapPathOf(order.path);
  const { identity } = order;
  const { ledger } = context.workshop;
  const known = bmapShelf.get(ledger, order.file);
  if (known?.identity !== identity || !isStillAt(path, known.fingerprint)) {
    await writeIfChanged(path, await bmapText(order, context));
    const fingerprint = fingerprintAt(path);
    if (fingerprint !== undefined) bmapShelf.set(ledger, order.file, { identity, fingerprint });
  }
  return basename(path);
}

async function bmapText({ stampable, patch: read }: ArtifactOrder, context: BmapContext): Promise<string> {
  const { base: file, digester, signal } = context;
  const { ranges, digests } = await rangesOf(stampable, context);
  const patch = read();
  const own = await variantDigests(ranges, digests, patch, async (changed) => {
    return await digester.digestRanges({ file, ranges: changed, overwrites: patch, signal });
  });
  return encodeBmap({ imageLength: stampable.map.rawLength, ranges, digests: own });
}

async function rangesOf({ format, map }: Stampable, context: BmapContext): Promise<DigestedRanges> {
  const { base: file, digester, signal, ranges: found } = context;
  let digested = found.get(format.name);
  if (digested === undefined) {
    const ranges = bmapRanges(map, "written");
    digested = digester
      .digestRanges({ file, ranges, signal })
      .then((digests): DigestedRanges => ({ ranges, digests }));
    found.set(format.name, digested);
  }
  return await digested;
}
