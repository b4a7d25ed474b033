import { ProgramError } from "../../program-error.ts";
import { manifestName, readManifest } from "../../build/read-manifest.ts";
import type { Reporter } from "../../report/reporter.ts";
import { coreosStream, type StreamWords } from "./coreos-stream.ts";
import { imagerList, type ImagerWords } from "./imager-list.ts";
import { publishedArtifacts } from "./published-artifacts.ts";

export interface CatalogOptions {
  /** An output directory. */
  readonly directory: string;
  /** Where its artifacts can be fetched: what stands before their names. */
  readonly url: string;
  readonly kind: ({ readonly for: "imager" } & ImagerWords) | ({ readonly for: "coreos" } & StreamWords);
}

/**
 * Prints a catalogue of an output directory's artifacts that flashers read, from its manifest alone.
 * @throws ProgramError `USAGE_ARGUMENT`, `VERIFY_MANIFEST`.
 */
export function catalog({ directory, url, kind }: CatalogOptions, reporter: Reporter): void {
  const manifest = readManifest(directory);
  if (manifest === undefined)
    throw new ProgramError("USAGE_ARGUMENT", `${directory} has no ${manifestName}: build first`, {
      directory,
    });
  const artifacts = publishedArtifacts(manifest, url);
  const value = kind.for === "imager" ? imagerList(artifacts, kind) : coreosStream(artifacts, kind);
  reporter.tell({ event: "catalog", value }, JSON.stringify(value, undefined, 2).split("\n"));
}
