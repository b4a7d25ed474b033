// What tells one version of a file from another. RFC 9110 §8.8 and §13.1.
import type { IncomingHttpHeaders } from "node:http";

/** As the first answer gave them; neither, where a server gives neither. */
export interface FileVersion {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

export function versionOf(headers: IncomingHttpHeaders): FileVersion {
  return { etag: headers.etag, lastModified: headers["last-modified"] };
}

/**
 * Headers that make a server refuse with 412 if the file is another by now. If-Range would make it send all of that
 * other file. A weak ETag cannot stand in If-Match (§13.1.1); such a one is only compared.
 */
export function conditionsOf({ etag, lastModified }: FileVersion): Record<string, string> {
  if (etag !== undefined) return isStrong(etag) ? { "if-match": etag } : {};
  return lastModified === undefined ? {} : { "if-unmodified-since": lastModified };
}

/** Says what differs, or undefined if both can be the same file. A validator that an answer leaves out says nothing. */
export function differenceOf(pinned: FileVersion, now: FileVersion): string | undefined {
  if (pinned.etag !== undefined && now.etag !== undefined)
    return pinned.etag === now.etag
      ? undefined
      : `its ETag was ${show(pinned.etag)} and is ${show(now.etag)}`;
  if (pinned.lastModified === undefined || now.lastModified === undefined) return undefined;
  if (pinned.lastModified === now.lastModified) return undefined;
  return `it was last modified on ${show(pinned.lastModified)} and is on ${show(now.lastModified)}`;
}

function isStrong(etag: string): boolean {
  return /^"[^"]*"$/.test(etag);
}

function show(value: string): string {
  return JSON.stringify(value.slice(0, 100));
}
