import { existsSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { buildImage } from "@bootstamp/test-images";
import { expect, test } from "vitest";
import { eventsOf, runCommand } from "../support/command.ts";

const output = join(tmpdir(), `never-made-${process.pid}.gz`);
const tiny = await buildImage("tiny");

test.each([
  [["bild"], /unknown command 'bild'/],
  [["build"], /missing required argument 'spec'/],
  [["build", "a", "b"], /too many arguments/],
  [["build", "--outpt", "x", "a"], /unknown option '--outpt'\n\(Did you mean --output\?\)/],
  [["prepare", tiny.path], /required option '-o, --output <path>'/],
  [["prepare", tiny.path, "-o", "/tmp/x.lz4"], /its name has to end in one of \.gz/],
  [["prepare", tiny.path, "-o", output, "--level", "x"], /Expected a whole number/],
  [["prepare", tiny.path, "-o", output, "--engine", "x"], /libdeflate/],
  [["prepare", tiny.path, "-o", output, "--region", "role=x"], /role=boot\|/],
  [["prepare", tiny.path, "-o", output, "--region", "number=x"], /whole number/],
  [["prepare", tiny.path, "-o", output, "--region", "size=4"], /Expected a label/],
  [["prepare", tiny.path, "-o", output, "--region", "none"], /no partition has the label "none"/],
  [["prepare", tiny.path, "-o", output, "--sector-size", "1024"], /Expected 512 or 4096/],
  [["prepare", "spec.yaml", "-o", output, "--region", "boot"], /are for an image/],
  [["stamp", tiny.path, "-o", output], /nothing to stamp/],
  [["stamp", tiny.path, "-o", output, "--spec", "x"], /go together/],
  [
    ["stamp", tiny.path, "-o", output, "--spec", "x", "--variant", "y", "--karg-append", "z"],
    /not from both/,
  ],
  [["stamp", tiny.path, "-o", output, "--write", "x"], /PATH=FILE/],
  [["stamp", tiny.path, "-o", output, "--fill", "/slot"], /--fill takes PATH=FILE/],
  [["stamp", tiny.path, "-o", output, "--edit", "a\nb"], /one line/],
  [["stamp", tiny.path, "-o", output, "--edit", "wrte: x"], /--edit "wrte: x": unknown edit "wrte"/],
  [["stamp", tiny.path, "-o", output, "--karg-append", "x"], /is not a stampable image/],
  [["verify", tiny.path], /is a raw image: it has no checksums/],
  [["verify", "/usr"], /has no manifest\.json/],
] as const)("%j", async (words, message) => {
  const { status, err } = await runCommand(words);
  expect(status).toBe(2);
  expect(err.replace(/^error: /, "")).toMatch(message);
  const json = await runCommand([...words, "--json"]);
  expect(json).toMatchObject({ status: 2, err: "" });
  expect(eventsOf(json).at(-1)).toMatchObject({ event: "error", code: expect.stringMatching(/^[A-Z_]+$/) });
  expect(existsSync(output)).toBe(false);
});

test("events and an artifact cannot both go to standard output", async () => {
  const { status, out } = await runCommand(["stamp", tiny.path, "-o", "-", "--json", "--karg-append", "x"]);
  expect(status).toBe(2);
  expect(out).toContain("both want standard output");
});
