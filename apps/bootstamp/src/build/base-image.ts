import type { FileSource } from "@bootstamp/byte-source";
import { sameFingerprint, type FileFingerprint } from "@bootstamp/byte-source";
import type { Partition, RegionChoice } from "@bootstamp/layout";
import type { Digester } from "@bootstamp/stamp";
import { openImage, readLayout, regionOf, type ReadLayout } from "../open-image.ts";
import { BuildError } from "./build-error.ts";
import type { Ledger } from "./ledger.ts";

/** What a spec or the command line says of the base. */
export interface BaseChoice {
  readonly image: string;
  readonly region: RegionChoice | undefined;
  readonly sectorLength?: 512 | 4096;
  /** SHA-256 that the base must have, in hex. */
  readonly sha256?: string;
}

/** A base that is open, with the region chosen in it. */
export interface BaseImage {
  readonly file: FileSource;
  readonly layout: ReadLayout;
  readonly region: Partition;
}

/** Opens a raw base and chooses its region. The caller closes `file`. */
export async function openBase({ image, region, sectorLength }: BaseChoice): Promise<BaseImage> {
  const { file, raw, packed } = await openImage(image);
  try {
    if (packed !== undefined) {
      throw new BuildError("USAGE_NOT_AN_IMAGE", `${image} is a compressed image; a base has to be raw`, {
        image,
        format: packed.format.name,
      });
    }
    const layout = await readLayout(raw, sectorLength);
    return { file, layout, region: regionOf(layout, region) };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Values about an image that take a reading of all of it. */
interface KnownBase {
  readonly fingerprint: FileFingerprint;
  readonly sha256: string;
}

/**
 * The base's SHA-256: from the ledger while the file is as it was, else by reading it all.
 * @throws BuildError `BUILD_BASE_DIGEST` if it is not `expected`.
 */
export async function baseDigest(
  file: FileSource,
  expected: string | undefined,
  ledger: Ledger,
  digester: Digester,
  onProgress: (done: number) => void,
): Promise<string> {
  const key = `base ${file.path}`;
  const known = ledger.get<KnownBase>(key);
  const fresh = known === undefined || !sameFingerprint(known.fingerprint, file.fingerprint);
  const sha256 = fresh ? await digester.digest({ file, onProgress }) : known.sha256;
  if (fresh) ledger.set(key, { fingerprint: file.fingerprint, sha256 } satisfies KnownBase);
  if (expected !== undefined && expected.toLowerCase() !== sha256) {
    throw new BuildError(
      "BUILD_BASE_DIGEST",
      `${file.path} has SHA-256 ${sha256}, expected ${expected.toLowerCase()}`,
      { path: file.path, got: sha256, expected },
    );
  }
  return sha256;
}
