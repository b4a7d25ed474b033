import type { YamlDocument, YamlPath } from "@bootstamp/declaration";
import type { PublishChoice, PublishSettings } from "./spec.ts";
import type { SpecComplaint } from "./spec-error.ts";
import type { S3Item, SpecFile } from "./spec-file.ts";

/** The places that a spec publishes to. What is wrong goes into `complaints`. */
export function publishChoices(
  { publish }: SpecFile,
  document: YamlDocument,
  complaints: SpecComplaint[],
): readonly PublishChoice[] {
  return publish.flatMap(({ s3 }, index) =>
    s3 === undefined ? [] : [publishChoice(s3, document, ["publish", index, "s3"], complaints)],
  );
}

function publishChoice(
  item: S3Item,
  document: YamlDocument,
  path: YamlPath,
  complaints: SpecComplaint[],
): PublishChoice {
  const { bucket, prefix, endpoint, region, profile, release, latest, base = [], overwrite, keep } = item;
  return {
    position: document.positionOf(path),
    bucket,
    prefix,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(release === undefined ? {} : { release }),
    latest,
    bases: typeof base === "string" ? [base] : base,
    equalParts: item["equal-parts"],
    checksums: item.checksums,
    checksumAlgorithm: item["checksum-algorithm"],
    settings: { ...settingsOf(item), ...tagsOf(item, document, path, complaints) },
    overwrite,
    ...(keep === undefined ? {} : { keep }),
  };
}

function settingsOf(item: S3Item): PublishSettings {
  const { sse: encryption } = item;
  const {
    "content-type": contentType,
    "content-disposition": contentDisposition,
    "cache-control": cacheControl,
    "storage-class": storageClass,
    "sse-kms-key-id": kmsKeyId,
  } = item;
  return {
    ...(contentType === undefined ? {} : { contentType }),
    ...(contentDisposition === undefined ? {} : { contentDisposition }),
    ...(cacheControl === undefined ? {} : { cacheControl }),
    ...(storageClass === undefined ? {} : { storageClass }),
    ...(encryption === undefined ? {} : { encryption }),
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
  };
}

/** As they are written. All objects of a place have the same: a template would be taken for its text. */
function tagsOf(
  { tags }: S3Item,
  document: YamlDocument,
  path: YamlPath,
  complaints: SpecComplaint[],
): Pick<PublishSettings, "tags"> {
  const texts = Object.keys(tags).map((name): [string, string] => {
    const at = [...path, "tags", name];
    const text = document.textAt(at);
    if (text.includes("{{"))
      complaints.push({
        code: "SPEC_TEMPLATE",
        position: document.positionInText(at, text.indexOf("{{")),
        message: `templates are not expanded in tags: "{{" cannot be here`,
      });
    return [name, text];
  });
  return texts.length === 0 ? {} : { tags: Object.fromEntries(texts) };
}
