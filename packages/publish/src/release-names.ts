import { quoteText } from "@bootstamp/fault";
import { PublishError } from "./publish-error.ts";

// Keys below the store's prefix:
//
//   latest.json                 which release is the newest complete one
//   <release>/<file>            artifacts
//   <release>/SHA256SUMS
//   <release>/manifest.json     is there when all the others are
//   bases/<identity>.<ext>      stampable images; no release has this name
export const latestName = "latest.json";
export const manifestName = "manifest.json";
export const checksumsName = "SHA256SUMS";
/** A release in this folder would take the bases with it when it is pruned. */
export const basesName = "bases";

/** The key of a stampable image. `extension` with the dot. */
export function baseKey(identity: string, extension: string): string {
  return `${basesName}/${checkedName(identity + extension)}`;
}

/** The key of a file of a release. @throws PublishError `PUBLISH_OPTIONS` for names that lead elsewhere. */
export function releaseKey(release: string, file: string): string {
  if (release === basesName) throw unusable(release);
  return `${checkedName(release)}/${checkedName(file)}`;
}

/** S3's own limit is 1024 bytes for a whole key; names that people can type are shorter. */
function checkedName(name: string): string {
  const isUsable = name !== "" && name.length <= 255 && !name.includes("/") && !/^\.{1,2}$/.test(name);
  // oxlint-disable-next-line no-control-regex
  if (isUsable && !/[\u0000-\u001f\u007f]/.test(name)) return name;
  throw unusable(name);
}

function unusable(name: string): PublishError {
  const quoted = quoteText(name.slice(0, 100));
  return new PublishError("PUBLISH_OPTIONS", `${quoted} cannot be the name of a release or of a file in it`);
}
