import { runBytes, run, requires } from "@bootstamp/witnesses";
import { expect, test } from "vitest";
import { encodeCpio } from "../src/cpio.ts";

const archive = encodeCpio([
  { path: "dev", mode: 0o040755 },
  { path: "dev/console", mode: 0o020600, device: [5, 1] },
  { path: "odd", mode: 0o100644, content: Buffer.from("seven b") },
  { path: "init", mode: 0o100755, content: Buffer.from("#!/bin/sh\n") },
]);

test("libarchive lists what is in it", requires("bsdtar"), async () => {
  const listing = await run("bsdtar", ["-tvf", "-"], { input: archive });
  expect(
    listing
      .replaceAll(/ +/g, " ")
      .split("\n")
      .map((line) => line.split(" ")[0]),
  ).toEqual(["drwxr-xr-x", "crw-------", "-rw-r--r--", "-rwxr-xr-x", ""]);
  expect(listing).toMatch(/ 5,1 .* dev\/console/);
});

test("libarchive reads its files", requires("bsdtar"), async () => {
  expect((await runBytes("bsdtar", ["-xOf", "-", "odd"], { input: archive })).toString()).toBe("seven b");
});
