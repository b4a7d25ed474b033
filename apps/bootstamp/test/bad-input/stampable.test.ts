import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildImage } from "@bootstamp/test-images";
import { expect, test } from "vitest";
import { runCommand, type Outcome } from "../support/command.ts";
import { specIn } from "../support/refused-build.ts";
import { copyOf, specOf, workplace, writeText } from "../support/workplace.ts";

const tiny = await buildImage("tiny");

async function stampIt(path: string, ...words: readonly string[]): Promise<Outcome> {
  return await runCommand([
    "stamp",
    path,
    "-o",
    join(dirname(path), "out.gz"),
    "--karg-append",
    "quiet",
    ...words,
  ]);
}

test("a stampable image that was cut, extended, or is another program's", async () => {
  const folder = workplace();
  const path = join(folder, "base.gz");
  expect(await runCommand(["prepare", tiny.path, "-o", path])).toMatchObject({ status: 0 });
  const good = readFileSync(path);
  const cases = [
    [good.subarray(0, good.length - 100), /map does not fit the file/],
    [good.subarray(0, 10), /base\.gz/],
    [Buffer.concat([good, Buffer.alloc(10)]), /map does not fit the file/],
    [gzipSync("hello"), /without a map/],
  ] as const;
  for (const [bytes, message] of cases) {
    writeFileSync(path, bytes);
    const { status, err } = await stampIt(path);
    expect(status).toBe(1);
    expect(err).toMatch(message);
    expect(err).toContain(path);
  }
  expect(readdirSync(folder)).toEqual(["base.gz"]);
});

test("a stampable image with edits outside of what is stored, in place", async () => {
  const folder = workplace();
  const spec = specIn(folder, specOf(tiny.path));
  const path = join(folder, "base.gz");
  expect(await runCommand(["prepare", spec, "-o", path])).toMatchObject({ status: 0 });
  expect(await stampIt(path)).toMatchObject({ status: 0 });
  const file = writeText(join(folder, "file"), "x".repeat(20_000));
  const before = readFileSync(path);
  const { status, err } = await runCommand(["stamp", path, "--in-place", "--write", `/new/file.txt=${file}`]);
  expect(status).toBe(1);
  expect(err).toMatch(/cannot patch .*\nhint: /s);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("a stampable image that would be replaced by its artifact", async () => {
  const folder = workplace();
  const path = join(folder, "out.gz");
  expect(await runCommand(["prepare", tiny.path, "-o", path])).toMatchObject({ status: 0 });
  const good = readFileSync(path);
  expect(await stampIt(path)).toMatchObject({
    status: 1,
    err: expect.stringMatching(/it is the stampable image/),
  });
  expect(readFileSync(path).equals(good)).toBe(true);
  const raw = copyOf(tiny.path, join(folder, "raw.gz"));
  expect(await runCommand(["prepare", raw, "-o", raw])).toMatchObject({
    status: 1,
    err: expect.stringMatching(/it is the base image/),
  });
});
