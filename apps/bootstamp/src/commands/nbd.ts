import type { RegionChoice } from "@bootstamp/layout";
import {
  runCaptive,
  serve,
  type NbdEvent,
  type NbdExport,
  type NbdListener,
  type NbdServer,
  type NbdTls,
} from "@bootstamp/nbd";
import { aboutFile } from "../about-file.ts";
import { bringInOrder } from "../bring-in-order.ts";
import { ExitStatus } from "../exit-status.ts";
import { imageExports, viewOf } from "../image-exports.ts";
import { readLayout, type ReadLayout } from "../open-image.ts";
import type { OpenContext } from "../open-container.ts";
import { openReadable, type ReadableImage } from "../open-readable.ts";
import { sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";
import { tableText } from "../report/table.ts";
import type { OpenWriter } from "../writing/image-writer.ts";
import { openCowImage } from "../writing/open-cow-image.ts";
import { openRegion } from "../writing/open-region.ts";
import { refuseUrl } from "./in-place.ts";

export interface NbdOptions {
  /** A raw or stampable image. */
  readonly image: string;
  readonly listener: NbdListener;
  readonly tls?: NbdTls;
  /** The partition that is written to where it is stored; default: none. */
  readonly writable?: RegionChoice;
  /** The stamp that writes go into, anywhere in the image; default: none. Not with `writable`. */
  readonly cow?: string;
  /** A shell command to run beside the server, which ends with it. */
  readonly command?: string;
  readonly sectorLength?: 512 | 4096;
}

/**
 * Serves an image and each of its partitions over NBD until it is interrupted or the command ends.
 * @throws ExitStatus the command's, where that is not 0.
 */
export async function nbd(options: NbdOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const { image: path, sectorLength, writable, cow } = options;
  if (writable !== undefined) {
    refuseUrl(path, "--writable", "--cow");
    await bringInOrder(path, reporter);
  }
  // A stamp is bound to its base.
  const part = cow === undefined ? "outline" : "map";
  const image = await openReadable(path, { reporter, signal }, part);
  try {
    const layout = await aboutFile(image.name, async () => await readLayout(image.raw, sectorLength));
    const opened = await openWriter(image, layout, options, { reporter, signal });
    if (opened === undefined)
      return await serveExports(imageExports(viewOf(image), layout), options, reporter, signal);
    try {
      await serveExports(imageExports(opened.view, layout, opened.writer), options, reporter, signal);
    } finally {
      await opened.close();
    }
  } finally {
    await image.close();
  }
}

async function openWriter(
  image: ReadableImage,
  layout: ReadLayout,
  { writable, cow, command }: NbdOptions,
  context: OpenContext,
): Promise<OpenWriter | undefined> {
  if (writable !== undefined) return await openRegion(image, layout, writable);
  if (cow === undefined) return undefined;
  return await openCowImage(image, { path: cow, quiet: command !== undefined }, context);
}

/** Serves until it is time to end, and then until what clients had asked for is done. */
async function serveExports(
  exports: readonly NbdExport[],
  { image: path, listener, tls, command }: NbdOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const onEvent = (event: NbdEvent): void => tellEvent(event, reporter);
  const server = await serve({ exports, listener, onEvent, ...(tls === undefined ? {} : { tls }) });
  try {
    const rows = exports.map(({ name, description = "", length, writer }) => ({
      name,
      description,
      length,
      uri: server.uri(name),
      writable: writer !== undefined,
    }));
    reporter.tell({ event: "serving", path, exports: rows }, command === undefined ? servingLines(rows) : []);
    await (command === undefined ? interrupted(signal) : runBeside(server, command));
  } finally {
    await server.close();
  }
}

interface Served {
  readonly name: string;
  readonly description: string;
  readonly length: number;
  readonly uri: string;
  readonly writable: boolean;
}

function servingLines(rows: readonly Served[]): string[] {
  const columns = [{ title: "export" }, { title: "size", align: "right" as const }, { title: "what" }];
  const cells = rows.map(({ uri, description, length, writable }) => {
    return [uri, sizeText(length), writable ? `${description}, writable` : description];
  });
  const how = rows.some(({ writable }) => writable) ? "" : ", read-only";
  return [...tableText(columns, cells), "", `serving${how}; end with Ctrl-C`];
}

async function interrupted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

async function runBeside(server: NbdServer, command: string): Promise<void> {
  const status = await runCaptive(server, command);
  if (status !== 0) throw new ExitStatus(status);
}

/** What goes wrong is for people, too; what merely happens is for programs. */
function tellEvent(event: NbdEvent, reporter: Reporter): void {
  const { kind, ...fields } = event;
  if (event.kind === "listener-failed") return reporter.warn(event.error.message);
  if (event.kind === "request-failed" && event.error instanceof Error)
    return reporter.warn(event.error.message);
  const facts = Object.entries(fields).map(([key, value]) => [
    key,
    value instanceof Error ? value.message : value,
  ]);
  reporter.tell({ event: `nbd-${kind}`, ...Object.fromEntries(facts) }, []);
}
