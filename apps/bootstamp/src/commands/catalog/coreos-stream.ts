// Stream metadata as Fedora CoreOS has it: stream/stream.go of coreos/stream-metadata-go.
import type { PublishedArtifact } from "./published-artifacts.ts";

export interface StreamWords {
  readonly stream: string;
  /** The version of the images. */
  readonly release: string;
  /** The machine's name as `uname -m` has it. */
  readonly architecture: string;
  /** Seconds since 1970. */
  readonly clock: number;
}

/** Metadata of a stream in which each variant is a platform, in all its formats. Artifacts are not signed. */
export function coreosStream(artifacts: readonly PublishedArtifact[], words: StreamWords): object {
  const platforms = new Map<string, { release: string; formats: Record<string, object> }>();
  for (const { variant, extension, url, sha256, rawSha256 } of artifacts) {
    const platform = platforms.get(variant) ?? { release: words.release, formats: {} };
    platform.formats[`raw${extension}`] = {
      disk: { location: url, sha256, "uncompressed-sha256": rawSha256 },
    };
    platforms.set(variant, platform);
  }
  return {
    stream: words.stream,
    metadata: { "last-modified": new Date(words.clock * 1000).toISOString().replace(/\.\d+Z$/, "Z") },
    architectures: { [words.architecture]: { artifacts: Object.fromEntries(platforms) } },
  };
}
