import { FileSource, type ByteSource } from "@bootstamp/byte-source";
import { assertSettled } from "@bootstamp/stamp";
import { identityOf } from "./build/identity.ts";
import type { Reporter } from "./report/reporter.ts";

/** The file that an image is in, on this machine or another. */
export interface Container {
  /** For messages: the path, or the URL without what is secret in it. */
  readonly name: string;
  readonly file: ByteSource;
  /** Another for other bytes, as far as can be told without reading them; absent where a server says nothing. */
  readonly identity: string | undefined;
  close(): Promise<void>;
}

/** What a long opening needs. */
export interface OpenContext {
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/**
 * Opens what a path, or a URL of http, https or s3, leads to. The caller closes it.
 * @throws SourceError, HttpError, PublishError; StampError for a file that was left half-changed.
 */
export async function openContainer(reference: string, context: OpenContext): Promise<Container> {
  if (/^https?:/i.test(schemeOf(reference))) {
    const { openOnWeb } = await import("./open-on-web.ts");
    return await openOnWeb(reference, context);
  }
  if (/^s3:/i.test(schemeOf(reference))) {
    const { openObject } = await import("./open-object.ts");
    return await openObject(reference, context.signal);
  }
  assertSettled(reference);
  const file = FileSource.open(reference);
  return { name: reference, file, identity: identityOf(file.fingerprint), close: async () => file.close() };
}

/** Whether an image is named by a URL rather than by a path. */
export function isUrl(reference: string): boolean {
  return schemeOf(reference) !== "";
}

function schemeOf(reference: string): string {
  return /^(https?|s3):\/\//i.exec(reference)?.[0] ?? "";
}
