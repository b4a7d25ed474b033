import { FileSource, sameFingerprint, type FileFingerprint } from "@bootstamp/byte-source";
import type { Partition, RegionChoice } from "@bootstamp/layout";
import type { Digester } from "@bootstamp/stamp";
import { aboutFile } from "../about-file.ts";
import { formatOfFile, readLayout, regionOf, type ReadLayout } from "../open-image.ts";
import { BuildError } from "./build-error.ts";
import type { Ledger } from "./ledger.ts";

/** What a spec or the command line says of the base. */
export interface BaseChoice {
  readonly image: string;
  readonly region: RegionChoice | undefined;
  readonly sectorLength?: 512 | 4096;
}

/** A base that is open, with the region chosen in it. */
export interface BaseImage {
  readonly file: FileSource;
  readonly layout: ReadLayout;
  readonly region: Partition;
}

/** Opens a raw base and chooses its region. The caller closes `file`. */
export async function openBase({ image, region, sectorLength }: BaseChoice): Promise<BaseImage> {
  const file = FileSource.open(image);
  try {
    const format = await formatOfFile(file);
    if (format !== undefined) {
      throw new BuildError(
        "USAGE_NOT_AN_IMAGE",
        `${image} is compressed (${format.name}); a base has to be raw`,
        {
          image,
          format: format.name,
        },
      );
    }
    return await aboutFile(image, async () => {
      const layout = await readLayout(file, sectorLength);
      return { file, layout, region: regionOf(layout, region) };
    });
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

export interface BaseDigestRequest {
  readonly file: FileSource;
  /** In lower-case hex; absent: whatever it is. */
  readonly expected: string | undefined;
  readonly onProgress: (done: number) => void;
  readonly signal: AbortSignal;
}

/**
 * The base's SHA-256: from the ledger, if there is one, while the file is as it was, else by reading it all.
 * @throws BuildError `BUILD_BASE_DIGEST` if it is not what was expected.
 */
export async function baseDigest(
  { file, expected, onProgress, signal }: BaseDigestRequest,
  ledger: Ledger | undefined,
  digester: Digester,
): Promise<string> {
  const key = baseKey(file.path);
  const known = ledger?.get<KnownBase>(key);
  const fresh = known === undefined || !sameFingerprint(known.fingerprint, file.fingerprint);
  const sha256 = fresh ? await digester.digest({ file, onProgress, signal }) : known.sha256;
  if (fresh) ledger?.set(key, { fingerprint: file.fingerprint, sha256 } satisfies KnownBase);
  if (expected !== undefined && expected !== sha256) {
    throw new BuildError("BUILD_BASE_DIGEST", `${file.path} has SHA-256 ${sha256}, expected ${expected}`, {
      path: file.path,
      got: sha256,
      expected,
    });
  }
  return sha256;
}

/** The key in the ledger of what is known of a base. */
export function baseKey(path: string): string {
  return `base ${path}`;
}
