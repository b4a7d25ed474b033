import { FileSource } from "@bootstamp/byte-source";
import type { ArtifactDigests } from "./manifest.ts";
import type { MadeArtifact } from "./make-artifact.ts";
import type { SharedDigests } from "./shared-digests.ts";
import type { ArtifactOrder, StampContext } from "./stamp-variants.ts";
import { LedgerShelf } from "./ledger-shelf.ts";

/** What the ledger keeps of an artifact's digests. */
interface KnownDigests {
  /** Of the artifact that they are of. */
  readonly mark: string;
  readonly digests: ArtifactDigests;
}

type DigestContext = Pick<StampContext, "base" | "digests" | "workshop" | "digester" | "signal"> & {
  readonly shared: SharedDigests;
};

/** One digest to compute: the name that the spec has for it, its field, the bytes it is over, and how. */
interface DigestTask {
  readonly name: string;
  readonly field: keyof ArtifactDigests;
  readonly length: number;
  readonly digest: (onProgress: (done: number) => void) => Promise<string>;
}

export const digestsShelf: LedgerShelf<KnownDigests> = new LedgerShelf("digests");

/** The digests of an artifact that are asked for: those that the ledger has, and the others computed. */
export async function completeDigests(
  order: ArtifactOrder,
  artifact: MadeArtifact,
  context: DigestContext,
  onShare: (share: number) => void,
): Promise<ArtifactDigests> {
  const { ledger } = context.workshop;
  const { mark } = artifact;
  const known = digestsShelf.get(ledger, order.file);
  const old = known?.mark === mark ? known : undefined;
  const tasks = [...artifactTasks(order, artifact, context), ...rawTasks(order, context)];
  const wanted = tasks.filter(({ name }) => context.digests.includes(name));
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
  if (missing.length > 0) digestsShelf.set(ledger, order.file, { mark, digests: all });
  return Object.fromEntries(wanted.map(({ field }) => [field, all[field]]));
}

function artifactTasks(
  { stampable, path }: ArtifactOrder,
  { writes, isOlder }: MadeArtifact,
  { digester, shared, signal }: DigestContext,
): readonly DigestTask[] {
  const { format, file: stampableFile } = stampable;
  return [
    {
      name: "sha256",
      field: "sha256",
      length: stampableFile.length,
      digest: async (onProgress) => {
        // The stampable file is in the page cache, a clone of it is not.
        if (!isOlder) {
          const overwrites = await writes();
          return await digester.digest({ file: stampableFile, overwrites, onProgress, signal });
        }
        const file = FileSource.open(path);
        try {
          return await digester.digest({ file, onProgress, signal });
        } finally {
          file.close();
        }
      },
    },
    {
      name: "fsverity",
      field: "fsverity",
      length: 0,
      digest: async () => {
        const tree = await shared.tree(format.name, stampableFile, signal);
        return await tree.patched(await writes(), stampableFile);
      },
    },
  ];
}

/** What is the same for a variant's artifacts in all formats is worked out once. */
function rawTasks(
  { variant, patch }: ArtifactOrder,
  { base, digester, shared, signal }: DigestContext,
): readonly DigestTask[] {
  return [
    {
      name: "raw-sha256",
      field: "rawSha256",
      length: base.length,
      digest: async (onProgress) =>
        await shared.once(`sha256 ${variant.patchKey}`, async () => {
          return await digester.digest({ file: base, overwrites: patch(), onProgress, signal });
        }),
    },
    {
      name: "raw-fsverity",
      field: "rawFsverity",
      length: 0,
      digest: async () =>
        await shared.once(`fsverity ${variant.patchKey}`, async () => {
          const tree = await shared.tree("raw", base, signal);
          return await tree.patched(patch(), base);
        }),
    },
  ];
}
