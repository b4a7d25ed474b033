// The OS list of Raspberry Pi Imager: doc/json-schema/os-list-schema.json and doc/schema-notes.md of rpi-imager.
import { ProgramError } from "../../program-error.ts";
import type { PublishedArtifact } from "./published-artifacts.ts";

/** What all entries of the list have in common. */
export interface ImagerWords {
  readonly description: string;
  /** URL of a picture of 40 by 40 pixels. */
  readonly icon: string;
  /** Imager's names of the devices that the images are for, such as `pi5-64bit`. */
  readonly devices: readonly string[];
  /** How Imager may customise the image; `none`: not at all, as the variant has that already. */
  readonly initFormat: string;
  /** Seconds since 1970. */
  readonly clock: number;
  /** Of a variant in several formats, the one to offer; default: the first of the spec. */
  readonly format?: string;
}

/** A list of one entry for each variant. @throws ProgramError `USAGE_ARGUMENT` for a format that there is not. */
export function imagerList(artifacts: readonly PublishedArtifact[], words: ImagerWords): object {
  const format = words.format ?? artifacts[0]?.format;
  const offered = artifacts.filter((artifact) => artifact.format === format);
  if (offered.length === 0)
    throw new ProgramError("USAGE_ARGUMENT", `the manifest has no artifacts of the format ${String(format)}`);
  return { os_list: offered.map((artifact) => entryOf(artifact, words)) };
}

function entryOf(artifact: PublishedArtifact, words: ImagerWords): object {
  return {
    name: artifact.variant,
    description: words.description,
    icon: words.icon,
    url: artifact.url,
    extract_size: artifact.rawLength,
    extract_sha256: artifact.rawSha256,
    image_download_size: artifact.length,
    image_download_sha256: artifact.sha256,
    release_date: new Date(words.clock * 1000).toISOString().slice(0, 10),
    devices: words.devices,
    init_format: words.initFormat,
  };
}
