import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileSource, writeAt } from "@bootstamp/byte-source";
import { HttpError, openHttpSource, openHttpStream, type HttpStream } from "@bootstamp/http-source";
import { explainWriteFailure } from "@bootstamp/whole-file";
import { identityOf } from "./build/identity.ts";
import type { Container, OpenContext } from "./open-container.ts";

/** Opens a file on a web server. From one that sends whole files only, it is downloaded first, into TMPDIR. */
export async function openOnWeb(url: string, context: OpenContext): Promise<Container> {
  const { signal } = context;
  try {
    const file = await openHttpSource(url, { environment: process.env, signal });
    return { name: file.name, file, identity: versionIdentity(file), close: async () => file.close() };
  } catch (error) {
    if (!(error instanceof HttpError) || !wholeOnly.has(error.code)) throw error;
    return await download(url, context);
  }
}

const wholeOnly: ReadonlySet<string> = new Set(["HTTP_NO_RANGES", "HTTP_NO_LENGTH"]);

interface Version {
  readonly length: number | undefined;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

/** The length alone says too little. */
function versionIdentity({ length, etag, lastModified }: Version): string | undefined {
  if (etag === undefined && lastModified === undefined) return undefined;
  return identityOf({ length, etag: etag ?? null, lastModified: lastModified ?? null });
}

/** What is a part of a file must not be taken for the file. */
function checkWhole({ name, length }: HttpStream, done: number): void {
  if (length === undefined || length === done) return;
  const fields = { got: done, expected: length };
  throw new HttpError("HTTP_CUT_SHORT", `${name} sent ${done} of ${length} bytes`, fields);
}

async function download(url: string, { reporter, signal }: OpenContext): Promise<Container> {
  const stream = await openHttpStream(url, { environment: process.env, signal });
  const folder = mkdtempSync(join(tmpdir(), "bootstamp-download-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const path = join(folder, "file");
    await using target = await open(path, "wx", 0o600);
    let done = 0;
    for await (const chunk of stream) {
      await writeAt(target, chunk, done);
      done += chunk.length;
      reporter.progress({ task: "download", done, total: stream.length ?? done });
    }
    checkWhole(stream, done);
    reporter.settle();
    const file = FileSource.open(path);
    const close = async (): Promise<void> => {
      file.close();
      remove();
    };
    return { name: stream.name, file, identity: versionIdentity(stream), close };
  } catch (error) {
    stream.close();
    remove();
    throw explainWriteFailure(folder, error);
  }
}
