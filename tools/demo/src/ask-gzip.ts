import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createGunzip, createGzip } from "node:zlib";
import { findTool } from "@bootstamp/witnesses";

const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });
const windowLength = 1 << 20;

/** The gzip that artifacts are shown to: the system's, or Node's own where there is none. */
export interface Gzip {
  /** As a person would type it. */
  readonly testCommand: string;
  readonly compressCommand: string;
  /** Decodes a whole file and returns "ok" or what was wrong with it. */
  test(path: string): Promise<string>;
  /** Compresses a file into nothing and returns the seconds that it took. */
  compress(path: string): Promise<number>;
}

/** Finds the system's gzip, or stands in for it with node:zlib. */
export function findGzip(): Gzip {
  const tool = findTool("gzip");
  return tool === undefined ? nodeGzip : systemGzip(tool);
}

function systemGzip(tool: string): Gzip {
  return {
    testCommand: "gzip -t",
    compressCommand: "gzip -6",
    test: async (path) => (await run(tool, ["-t", path])) || "ok",
    compress: (path) => timed(async () => refuse(await run(tool, ["-6", "-c", path]))),
  };
}

export const nodeGzip: Gzip = {
  testCommand: "node:zlib",
  compressCommand: "node:zlib, level 6,",
  test: async (path) => {
    try {
      await pipeline(createReadStream(path, { highWaterMark: windowLength }), createGunzip(), nowhere());
      return "ok";
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  },
  compress: (path) =>
    timed(async () => {
      const gzip = createGzip({ level: constants.Z_DEFAULT_COMPRESSION, chunkSize: windowLength });
      await pipeline(createReadStream(path, { highWaterMark: windowLength }), gzip, nowhere());
    }),
};

/** Runs a command, its output thrown away, and returns its complaint: nothing if it has none. */
async function run(tool: string, args: readonly string[]): Promise<string> {
  const child = spawn(tool, args, { stdio: ["ignore", "ignore", "pipe"] });
  const complaints: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => complaints.push(text));
  const status = await new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  const complaint = complaints.join("").trim();
  return status === 0 ? complaint : complaint || `ended with ${status}`;
}

function refuse(complaint: string): void {
  if (complaint !== "") throw new Error(complaint);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
