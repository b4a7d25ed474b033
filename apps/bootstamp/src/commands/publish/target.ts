import type { ObjectSettings, StoreOptions } from "@bootstamp/publish";
import type { PublishChoice } from "@bootstamp/variants";

/** One place to publish to, and how. */
export interface PublishTarget {
  readonly store: StoreOptions;
  /** Default: the start of the SHA-256 of the manifest. */
  readonly release?: string;
  readonly isLatest: boolean;
  /** `s3://BUCKET/KEY` of stampable images that variants are composed of; none: what a build made. */
  readonly bases: readonly string[];
  readonly settings: ObjectSettings;
  readonly overwrite: boolean;
  /** Removes older releases beyond so many. */
  readonly keep?: number;
}

/** What the command line says of a place; what it leaves out is as the spec says. */
export interface TargetWords extends Partial<Omit<PublishTarget, "store">> {
  readonly store: Partial<StoreOptions>;
}

/** The place of a spec, where the command line does not say otherwise. */
export function targetOf(choice: PublishChoice, words: TargetWords = { store: {} }): PublishTarget {
  const { bucket, prefix, endpoint, region, profile, equalParts, checksums, checksumAlgorithm } = choice;
  const { release, latest, bases, settings, overwrite, keep } = choice;
  return {
    isLatest: latest,
    bases,
    overwrite,
    ...(release === undefined ? {} : { release }),
    ...(keep === undefined ? {} : { keep }),
    ...words,
    store: {
      bucket,
      prefix,
      equalParts,
      checksums,
      checksumAlgorithm,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(region === undefined ? {} : { region }),
      ...(profile === undefined ? {} : { profile }),
      ...words.store,
    },
    settings: { ...settings, ...words.settings },
  };
}

/** A place that the command line alone names. */
export function targetOfWords(bucket: string, words: TargetWords): PublishTarget {
  return {
    isLatest: true,
    bases: [],
    settings: {},
    overwrite: false,
    ...words,
    store: { ...words.store, bucket },
  };
}
