// A base that was made for edits which nobody knew, stamped with such: held against the tools of the formats and of the
// file systems.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage, partitionOf } from "@bootstamp/test-images";
import { differentBlocks, requires, run } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { formats } from "../src/formats.ts";
import { eventsOf, runCommand } from "./support/command.ts";
import { checkFileSystem, differentPaths, readTree, treeTools } from "./support/file-tree.ts";
import { blocksOf } from "./support/blocks-of.ts";
import { workplace, writeText } from "./support/workplace.ts";

const tools: Readonly<Record<string, readonly [test: string, decode: string]>> = {
  gz: ['gzip -t "$0"', 'gzip -dc "$0"'],
  xz: ['xz -t "$0"', 'xz -dc "$0"'],
  zst: ['zstd -qt "$0"', 'zstd -qdc "$0"'],
};
const entries = ["6.1.0-1", "6.1.0-2"].map((version) => `/loader/entries/tiny-${version}.conf`);

function specOf(image: string, store: unknown = reserve): string {
  return JSON.stringify({ version: 1, base: { image }, store, variants: [{ name: "plain" }] });
}

const reserve = {
  reserve: {
    files: [...entries, { path: "/site/identity.conf", room: "4KiB" }],
    bytes: "64KiB",
    slots: ["/grub2/grubenv"],
  },
};

function editFlags(folder: string): readonly string[] {
  const network = writeText(join(folder, "net.yaml"), "network: {}\n".repeat(1000));
  const environment = writeText(join(folder, "env"), "# GRUB Environment Block\nsaved_entry=1\n");
  const words = [
    ["--karg-append", "platform=roof"],
    ["--edit", 'write: { path: /site/identity.conf, content: "name = roof\\n" }'],
    ["--write", `/config/new/net.yaml=${network}`],
    ["--fill", `/grub2/grubenv=${environment}`],
  ];
  return words.flat();
}

describe("a base with a reserve", requires("gzip", "xz", "zstd", "mke2fs", "python3", ...treeTools), () => {
  test.each(["ext4", "fat16", "fat32"] as const)("%s", async (boot) => {
    const base = await buildImage("tiny", { boot });
    const partition = partitionOf(base, "boot");
    const folder = workplace();
    const spec = writeText(join(folder, "spec.yaml"), specOf(base.path));
    const before = await readTree(base.path, partition);
    for (const { extension, name } of formats) {
      const stampable = join(folder, `base${extension}`);
      const artifact = join(folder, `roof${extension}`);
      const [testCommand = "", decodeCommand = ""] = tools[name] ?? [];
      const prepared = await runCommand(["prepare", spec, "-o", stampable, "--json"]);
      expect(prepared).toMatchObject({ status: 0, err: "" });
      const stored = eventsOf(prepared).find(({ event }) => event === "reserve")?.["extents"];
      expect(eventsOf(prepared).find(({ event }) => event === "prepared")?.["stored"]).toEqual(stored);

      const words = ["stamp", stampable, ...editFlags(folder), "-o", artifact];
      const environment = { SOURCE_DATE_EPOCH: "1700000000" };
      expect(await runCommand(words, { environment })).toMatchObject({ status: 0, err: "" });
      const raw = join(folder, "raw");
      await run("sh", ["-c", testCommand, artifact]);
      await run("sh", ["-c", `${decodeCommand} > "$1"`, artifact, raw]);
      await checkFileSystem(raw, partition);
      const after = await readTree(raw, partition);
      const made = new Set([
        "/config",
        "/config/new",
        "/config/new/net.yaml",
        "/site",
        "/site/identity.conf",
      ]);
      const different = differentPaths(before, after).filter((path) => !made.has(path));
      // On ext4 a link leads to the entries, too.
      const named = new Set(different.map((path) => path.replace(/^\/loader\.1/, "/loader")));
      expect([...named].toSorted()).toEqual(["/grub2/grubenv", ...entries]);
      const reserved = new Set(blocksOf(stored as never));
      const changed = await differentBlocks(base.path, raw);
      expect(changed.length).toBeGreaterThan(5);
      expect(changed.filter((block) => !reserved.has(block))).toEqual([]);
    }
  });

  test("an edit beyond it is refused in place with what is stored, and nothing is written", async () => {
    const base = await buildImage("tiny", { boot: "ext4" });
    const folder = workplace();
    const stampable = join(folder, "base.gz");
    const spec = writeText(
      join(folder, "spec.yaml"),
      specOf(base.path, { reserve: { slots: ["/grub2/grubenv"] } }),
    );
    expect(await runCommand(["prepare", spec, "-o", stampable])).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^reserve +4\.0 KiB in 1 place, for 1 slot$/m),
    });
    const artifact = join(folder, "roof.gz");
    const edit = "write: { path: /marker.txt, content: roof }";
    const before = readFileSync(stampable);
    const refused = await runCommand(["stamp", stampable, "--edit", edit, "--in-place"]);
    expect(refused.status).toBe(1);
    expect(refused.err).toMatch(/stored extents: 4096 bytes at \d+/);
    expect(readFileSync(stampable).equals(before)).toBe(true);
    const tooLong = writeText(join(folder, "long"), "x".repeat(1025));
    const full = await runCommand([
      "stamp",
      stampable,
      "--fill",
      `/grub2/grubenv=${tooLong}`,
      "-o",
      artifact,
    ]);
    expect(full).toMatchObject({ status: 1, err: expect.stringContaining("are 1 too many") });
    expect(() => readFileSync(artifact)).toThrow(/ENOENT/);
  });

  test("a reserve that cannot be is refused at its place in the spec", async () => {
    const base = await buildImage("tiny", { boot: "fat16" });
    const folder = workplace();
    for (const [store, message] of [
      [{ bytes: "1GiB" }, /spec\.yaml:1:\d+: the reserve: .* at most \d+ can be rehearsed/],
      [{ bytes: "30MiB" }, /spec\.yaml:1:\d+: the reserve: the file system is full: .* bytes more/],
      [{ slots: ["/none"] }, /spec\.yaml:1:\d+: the reserve: cannot find \/none/],
      [{ bytes: 4096, directory: "/marker.txt" }, /the reserve: \/marker\.txt is no directory/],
    ] as const) {
      const spec = writeText(join(folder, "spec.yaml"), specOf(base.path, { reserve: store }));
      const { status, err } = await runCommand(["plan", spec]);
      expect(status).toBe(1);
      expect(err).toMatch(message);
    }
  });

  test("plan has a line for it", async () => {
    const base = await buildImage("tiny", { boot: "fat16" });
    const spec = writeText(join(workplace(), "spec.yaml"), specOf(base.path));
    const { status, out } = await runCommand(["plan", spec]);
    expect(status).toBe(0);
    const line = /^reserve +[\d.]+ KiB in \d+ places, for 3 files, 64\.0 KiB of new files in \/, 1 slot$/m;
    expect(out).toMatch(line);
  });

  test("plan and inspect draw the image, and have a row for each partition", async () => {
    const base = await buildImage("tiny", { boot: "fat16" });
    const folder = workplace();
    const spec = writeText(
      join(folder, "spec.yaml"),
      specOf(base.path, { reserve: { slots: ["/grub2/grubenv"] } }),
    );
    const stampable = join(folder, "base.gz");
    const planned = await runCommand(["plan", spec]);
    expect(await runCommand(["prepare", spec, "-o", stampable])).toMatchObject({ status: 0 });
    const inspected = await runCommand(["inspect", stampable]);
    const size = String.raw`[\d.]+ [KM]iB`;
    const row = new RegExp(
      String.raw`^2  boot +xbootldr +fat16  4\.0 MiB  4\.0 KiB +${size} +[\d.]+ %$`,
      "m",
    );
    for (const { status, out } of [planned, inspected]) {
      expect(status).toBe(0);
      expect(out).toMatch(/^ +1 EFI s 2 boot +3 root$/m);
      expect(out).toMatch(/^parts +├─+┤├─+┤├─+┤ *$/m);
      expect(out).toMatch(/^stored +▪ *$/m);
      expect(out).toMatch(/^packed +[ ▁▂▃▄▅▆▇█]*[▂▃▄▅▆▇█][ ▁▂▃▄▅▆▇█]*$/m);
      expect(out).toMatch(row);
    }
  });
});
