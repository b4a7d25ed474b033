import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { requires, run } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { memoryExport, patterned, readOnly } from "../memory-export.ts";
import { scratchFolder, serving } from "../serving.ts";

const length = 8 << 20;

function sparseExport(): ReturnType<typeof memoryExport> {
  const exported = memoryExport(length);
  exported.bytes.set(patterned(1 << 20), 1 << 20);
  return exported;
}

describe("qemu-img", requires("qemu-img"), () => {
  test("info, map and compare", async () => {
    const exported = sparseExport();
    const server = await serving(readOnly(exported));
    const info = JSON.parse(await run("qemu-img", ["info", "--output=json", server.uri()])) as unknown;
    expect(info).toMatchObject({ "virtual-size": length, format: "raw" });
    const map = JSON.parse(
      await run("qemu-img", ["map", "-f", "raw", "--output=json", server.uri()]),
    ) as unknown;
    expect(map).toMatchObject([
      { start: 0, length: 1 << 20, zero: true, data: false },
      { start: 1 << 20, length: 1 << 20, zero: false, data: true },
      { start: 2 << 20, length: 6 << 20, zero: true, data: false },
    ]);
    const file = join(await scratchFolder(), "image");
    await writeFile(file, exported.bytes);
    expect(await run("qemu-img", ["compare", "-f", "raw", "-F", "raw", server.uri(), file])).toContain(
      "identical",
    );
  });

  test("convert out of an export, and into one", async () => {
    const from = sparseExport();
    const to = memoryExport(length, "to");
    to.bytes.fill(0xee);
    const server = await serving([from, to]);
    const folder = await scratchFolder();
    const [raw, qcow2] = [join(folder, "raw"), join(folder, "qcow2")];
    await run("qemu-img", ["convert", "-f", "raw", "-O", "raw", server.uri(), raw]);
    expect((await readFile(raw)).equals(from.bytes)).toBe(true);
    await run("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", server.uri(), qcow2]);
    await run("qemu-img", ["convert", "-n", "-f", "qcow2", "-O", "raw", qcow2, server.uri("to")]);
    expect(to.bytes.equals(from.bytes)).toBe(true);
    expect(to.calls).toContain("flush");
  });

  test("a qcow2 image inside an export is seen as such", async () => {
    const file = join(await scratchFolder(), "image");
    await run("qemu-img", ["create", "-q", "-f", "qcow2", file, "1G"]);
    const inside = await readFile(file);
    const exported = memoryExport(1 << 20);
    exported.bytes.set(inside);
    const server = await serving(exported);
    expect(await run("qemu-img", ["info", server.uri()])).toContain("qcow2");
    expect(await run("qemu-img", ["check", server.uri()])).toContain("No errors");
  });

  test("bench with many requests under way", async () => {
    const server = await serving(sparseExport());
    const bench = ["bench", "-f", "raw", "-c", "2000", "-d", "64", "-s", "4096", "-S", "4096"];
    expect(await run("qemu-img", [...bench, server.uri()])).toContain("Run completed");
    expect(await run("qemu-img", [...bench, "-w", "--flush-interval", "100", server.uri()])).toContain(
      "Run completed",
    );
    expect(server.events.filter(({ kind }) => kind === "request-failed")).toEqual([]);
  });
});

describe("qemu-io", requires("qemu-io"), () => {
  const commands = [
    "write -P 7 4096 8192",
    "read -P 7 4096 8192",
    "discard 65536 65536",
    "write -z 131072 65536",
    "write -z -u 262144 65536",
    "flush",
  ];

  async function performed(...options: string[]): Promise<string[]> {
    const exported = memoryExport(length);
    exported.bytes.fill(1);
    const server = await serving(exported);
    const printed = await run("qemu-io", [
      ...options,
      "-f",
      "raw",
      ...commands.flatMap((line) => ["-c", line]),
      server.uri(),
    ]);
    expect(printed).not.toMatch(/failed|error/i);
    expect(exported.bytes.subarray(4096, 12_288).every((byte) => byte === 7)).toBe(true);
    expect(exported.bytes.subarray(131_072, 196_608).every((byte) => byte === 0)).toBe(true);
    return exported.calls.filter((call) => !call.startsWith("read"));
  }

  test("with a write cache flushes when it is told to", async () => {
    expect(await performed("-t", "writeback", "-d", "unmap")).toEqual([
      "write 4096 8192",
      "trim 65536 65536",
      "zero 131072 65536 false",
      "zero 262144 65536 true",
      "flush",
      "flush",
    ]);
  });

  test("without one flushes after every write", async () => {
    expect(await performed("-t", "writethrough", "-d", "unmap")).toEqual([
      "write 4096 8192",
      "flush",
      "trim 65536 65536",
      "zero 131072 65536 false",
      "flush",
      "zero 262144 65536 true",
      "flush",
      "flush",
      "flush",
    ]);
  });

  test("reads and writes of odd lengths at odd offsets", async () => {
    const exported = memoryExport(length + 77);
    const server = await serving(exported);
    const lines = [
      "write -P 3 1001 7777",
      "read -P 3 1001 7777",
      `write -P 4 ${length} 77`,
      `read -P 4 ${length} 77`,
    ];
    const printed = await run("qemu-io", [
      "-f",
      "raw",
      ...lines.flatMap((line) => ["-c", line]),
      server.uri(),
    ]);
    expect(printed).not.toMatch(/failed|error/i);
    expect(exported.bytes.subarray(1001, 8778).every((byte) => byte === 3)).toBe(true);
  });

  test("is told that a read-only export is one", async () => {
    const server = await serving(readOnly(memoryExport(length)));
    await expect(run("qemu-io", ["-f", "raw", "-c", "write 0 512", server.uri()])).rejects.toThrow(
      /Permission denied/,
    );
    expect(await run("qemu-io", ["-r", "-f", "raw", "-c", "read -P 0 0 512", server.uri()])).toContain(
      "read 512/512",
    );
  });

  test("is told of errors of the export", async () => {
    const exported = memoryExport(length);
    const full = Object.assign(new Error("full"), { code: "ENOSPC" });
    const write = async (): Promise<void> => {
      throw full;
    };
    const server = await serving({ ...exported, writer: { ...exported.writer, write } });
    const printed = await run("qemu-io", ["-f", "raw", "-c", "write 0 512", server.uri()], {
      statuses: [0, 1],
    });
    expect(printed).toContain("No space left on device");
  });
});
