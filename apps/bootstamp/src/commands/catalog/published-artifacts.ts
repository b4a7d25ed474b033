import { ProgramError } from "../../program-error.ts";
import type { ArtifactRecord, Manifest } from "../../build/manifest.ts";
import { formatNamed } from "../../formats.ts";

/** An artifact as flashers want to know it: with every digest, and where it can be fetched. */
export interface PublishedArtifact {
  readonly variant: string;
  readonly format: string;
  /** Of its format, with the dot. */
  readonly extension: string;
  readonly url: string;
  readonly length: number;
  readonly rawLength: number;
  /** Of the artifact and of the image in it, in hex. */
  readonly sha256: string;
  readonly rawSha256: string;
}

/**
 * The artifacts of a manifest, as they lie below `prefix`.
 * @throws ProgramError `USAGE_ARGUMENT` for a prefix that is no URL of http or https, or a manifest without digests.
 */
export function publishedArtifacts({ artifacts }: Manifest, prefix: string): PublishedArtifact[] {
  const folder = folderUrl(prefix);
  return artifacts.map((record) => {
    const { variant, format, file, length, rawLength } = record;
    const url = folder + encodeURIComponent(file);
    const { extension } = formatNamed(format);
    return { variant, format, extension, url, length, rawLength, ...digestsOf(record) };
  });
}

function digestsOf({ file, sha256, rawSha256 }: ArtifactRecord): { sha256: string; rawSha256: string } {
  if (sha256 !== undefined && rawSha256 !== undefined) return { sha256, rawSha256 };
  const message = `the manifest has not both digests of ${file}: build with output.digests: [sha256, raw-sha256]`;
  throw new ProgramError("USAGE_ARGUMENT", message, { file });
}

/** With the slash that a file's name goes behind. */
function folderUrl(prefix: string): string {
  const url = URL.parse(prefix);
  if (url !== null && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "")
    return url.href.endsWith("/") ? url.href : `${url.href}/`;
  throw new ProgramError(
    "USAGE_ARGUMENT",
    `--url takes where the artifacts lie, such as https://example.com/os/`,
  );
}
