import { FileSource, sameFingerprint, type FileFingerprint } from "@bootstamp/byte-source";
import type { PackedWrite } from "@bootstamp/segment-map";
import type { ArtifactDigests } from "./manifest.ts";
import type { ArtifactOrder, StampContext } from "./stamp-variants.ts";

/** What the ledger keeps of an artifact's digests. */
interface KnownDigests {
  /** Of the artifact that they are of. */
  readonly fingerprint: FileFingerprint;
  readonly digests: ArtifactDigests;
}

interface ArtifactFile {
  readonly fingerprint: FileFingerprint;
  /** Where a file that was just made differs from the stampable one. */
  readonly writes: readonly PackedWrite[] | undefined;
}

type DigestContext = Pick<StampContext, "base" | "digests" | "workshop" | "digester" | "signal">;

/** One digest to compute: the name that the spec has for it, its field, the bytes it is over, and how. */
interface DigestTask {
  readonly name: string;
  readonly field: keyof ArtifactDigests;
  readonly length: number;
  readonly digest: (onProgress: (done: number) => void) => Promise<string>;
}

/** The key in the ledger of what is known of an artifact's digests. */
export function digestsKey(file: string): string {
  return `digests ${file}`;
}

/** The digests of an artifact that are asked for: those that the ledger has, and the others computed. */
export async function completeDigests(
  order: ArtifactOrder,
  artifact: ArtifactFile,
  context: DigestContext,
  onShare: (share: number) => void,
): Promise<ArtifactDigests> {
  const { ledger } = context.workshop;
  const key = digestsKey(order.file);
  const known = ledger.get<KnownDigests>(key);
  const old =
    known !== undefined && sameFingerprint(known.fingerprint, artifact.fingerprint) ? known : undefined;
  const wanted = digestTasks(order, artifact, context).filter(({ name }) => context.digests.includes(name));
  const missing = wanted.filter(({ field }) => old?.digests[field] === undefined);
  const total = missing.reduce((sum, { length }) => sum + length, 0);
  const fresh = new Map<keyof ArtifactDigests, string>();
  let done = 0;
  for (const { field, length, digest } of missing) {
    const onProgress = (part: number): void => onShare((done + part) / total);
    fresh.set(field, await digest(onProgress));
    done += length;
  }
  const all: ArtifactDigests = { ...old?.digests, ...Object.fromEntries(fresh) };
  if (missing.length > 0) {
    ledger.set(key, { fingerprint: artifact.fingerprint, digests: all } satisfies KnownDigests);
  }
  return Object.fromEntries(wanted.map(({ field }) => [field, all[field]]));
}

function digestTasks(
  { stampable, path, patch }: ArtifactOrder,
  { writes }: ArtifactFile,
  { base, digester, signal }: DigestContext,
): readonly DigestTask[] {
  return [
    {
      name: "sha256",
      field: "sha256",
      length: stampable.file.length,
      digest: async (onProgress) => {
        // The stampable file is in the page cache, a clone of it is not.
        if (writes !== undefined)
          return await digester.digest({ file: stampable.file, overwrites: writes, onProgress, signal });
        const file = FileSource.open(path);
        try {
          return await digester.digest({ file, onProgress, signal });
        } finally {
          file.close();
        }
      },
    },
    {
      name: "raw-sha256",
      field: "rawSha256",
      length: base.length,
      digest: async (onProgress) =>
        await digester.digest({ file: base, overwrites: patch(), onProgress, signal }),
    },
  ];
}
