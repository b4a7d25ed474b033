import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findTool, toolPath } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "find-tool-"));
  await writeFile(join(folder, "tool"), "#!/bin/sh\n");
  await chmod(join(folder, "tool"), 0o755);
  await writeFile(join(folder, "plain"), "");
  await mkdir(join(folder, "directory"));
});

afterAll(() => rm(folder, { recursive: true }));

describe("findTool", () => {
  test("finds an executable on the given path", () => {
    expect(findTool("tool", `/nowhere:${folder}`)).toBe(join(folder, "tool"));
  });

  test("passes over files that cannot be run, and folders", () => {
    expect(findTool("plain", folder)).toBeUndefined();
    expect(findTool("directory", folder)).toBeUndefined();
  });

  test("takes a path as it is, be it of a file that cannot be run", () => {
    expect(findTool(join(folder, "plain"))).toBe(join(folder, "plain"));
    expect(findTool(join(folder, "directory"))).toBeUndefined();
    expect(findTool(join(folder, "tool"))).toBe(join(folder, "tool"));
    expect(findTool(join(folder, "gone"))).toBeUndefined();
  });
});

test("the tool path ends in the system folders, each once", () => {
  expect(toolPath("/bin::/sbin")).toBe("/bin:/sbin:/usr/local/sbin:/usr/sbin");
});
