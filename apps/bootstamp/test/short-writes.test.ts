// What the program writes where the system takes fewer bytes at once than it is given.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { HttpStream } from "@bootstamp/http-source";
import { buildImage } from "@bootstamp/test-images";
import { requires, run, withShortWrites } from "@bootstamp/witnesses";
import { afterAll, expect, test, vi } from "vitest";
import { jsonReporter } from "../src/report/json-reporter.ts";
import { processTerminal } from "../src/report/terminal.ts";
import { runCommand } from "./support/command.ts";
import { workplace } from "./support/workplace.ts";

const openHttpSource = vi.fn<(url: string) => Promise<never>>();
const openHttpStream = vi.fn<(url: string) => Promise<HttpStream>>();
vi.doMock(import("@bootstamp/http-source"), async (original) => ({
  ...(await original()),
  openHttpSource,
  openHttpStream,
}));
// Other files of this process may have loaded it with what is mocked here, or may load it later.
vi.resetModules();
const { HttpError } = await import("@bootstamp/http-source");
const { openOnWeb } = await import("../src/open-on-web.ts");
afterAll(() => {
  vi.doUnmock("@bootstamp/http-source");
  vi.resetModules();
});

const url = "http://example.invalid/image";
const context = {
  reporter: jsonReporter({ ...processTerminal(), writeOut: () => undefined }),
  signal: new AbortController().signal,
};

/** A server that sends whole files only, and says a length. */
function serve(chunks: readonly Uint8Array[], length: number): void {
  openHttpSource.mockRejectedValue(new HttpError("HTTP_NO_RANGES", "no ranges"));
  openHttpStream.mockResolvedValue({
    name: url,
    length,
    etag: undefined,
    lastModified: undefined,
    counters: { requests: 1, bytes: 0, retries: 0 },
    close: () => undefined,
    async *[Symbol.asyncIterator]() {
      yield* chunks;
    },
  });
}

test("an index has all its bytes, that for others as that for ourselves", requires("gzip"), async () => {
  const { path } = await buildImage("tiny", { boot: "fat16" });
  const image = join(workplace(), "image.gz");
  await run("sh", ["-c", 'gzip -c "$1" > "$2"', "make", path, image]);
  const [whole, short] = [join(workplace(), "whole"), join(workplace(), "short")];
  expect(await runCommand(["index", image, "-o", whole])).toMatchObject({ status: 0 });
  await withShortWrites(500, async () => {
    expect(await runCommand(["index", image, "-o", short])).toMatchObject({ status: 0 });
    expect(await runCommand(["ls", image])).toMatchObject({ status: 0 });
  });
  expect(readFileSync(whole).length).toBeGreaterThan(1000);
  expect(readFileSync(short).equals(readFileSync(whole))).toBe(true);
  expect(readFileSync(`${image}.gzidx`).equals(readFileSync(whole))).toBe(true);
});

test("a download has all its bytes, and as many as the server said", async () => {
  const chunks = [Buffer.alloc(3000, "some bytes"), Buffer.alloc(5000, "of a file")];
  serve(chunks, 8000);
  const opened = await withShortWrites(700, async () => await openOnWeb(url, context));
  expect(Buffer.concat(chunks).equals(await opened.file.read(0, opened.file.length))).toBe(true);
  await opened.close();
  serve(chunks, 8001);
  await expect(openOnWeb(url, context)).rejects.toMatchObject({
    code: "HTTP_CUT_SHORT",
    fields: { got: 8000, expected: 8001 },
  });
});
