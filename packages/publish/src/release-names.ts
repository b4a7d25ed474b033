import { quoteText } from "@bootstamp/fault";
import { PublishError } from "./publish-error.ts";

// Keys below the store's prefix:
//
//   latest.json                 which release is the newest complete one
//   <release>/<file>            artifacts
//   <release>/SHA256SUMS
//   <release>/manifest.json     is there when all the others are
export const latestName = "latest.json";
export const manifestName = "manifest.json";
export const checksumsName = "SHA256SUMS";

/** The key of a file of a release. @throws PublishError `PUBLISH_OPTIONS` for names that lead elsewhere. */
export function releaseKey(release: string, file: string): string {
  return `${checkedName(release)}/${checkedName(file)}`;
}

/** S3's own limit is 1024 bytes for a whole key; names that people can type are shorter. */
function checkedName(name: string): string {
  const isUsable = name !== "" && name.length <= 255 && !name.includes("/") && !/^\.{1,2}$/.test(name);
  // oxlint-disable-next-line no-control-regex
  if (isUsable && !/[\u0000-\u001f\u007f]/.test(name)) return name;
  throw new PublishError(
    "PUBLISH_OPTIONS",
    `${quoteText(name.slice(0, 100))} cannot be the name of a release or of a file in it`,
  );
}
