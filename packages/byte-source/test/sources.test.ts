import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import {
  FileSource,
  joinedSource,
  MemorySource,
  shareSource,
  SourceError,
  sliceSource,
  sliceSyncSource,
} from "@bootstamp/byte-source";
import { expect, test } from "vitest";

const bytes = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) >> 3);

function openTemporary(): { path: string; source: FileSource } {
  const path = join(mkdtempSync(join(tmpdir(), "bootstamp-source-")), "image");
  writeFileSync(path, bytes);
  return { path, source: FileSource.open(path) };
}

test("file, memory and slices read the same bytes", async () => {
  const { source } = openTemporary();
  const sync = new Uint8Array(500);
  source.readSync(1000, sync);
  expect(sync).toEqual(bytes.subarray(1000, 1500));
  expect(await source.read(1000, 500)).toEqual(sync);
  expect(await sliceSource(new MemorySource(bytes), 900, 700).read(100, 500)).toEqual(sync);
  sliceSyncSource(source, 900, 700).readSync(100, sync.fill(0));
  expect(sync).toEqual(bytes.subarray(1000, 1500));
  source.close();
});

test("sources that are joined read as one, whatever a read begins and ends in", async () => {
  const cuts = [0, 7, 7, 1000, 1001, 5000];
  const parts = cuts.map((start, index) => new MemorySource(bytes.subarray(start, cuts[index + 1] ?? 6000)));
  const joined = joinedSource(parts);
  expect(joined.length).toBe(6000);
  for (const from of [0, 6, 7, 999, 1000, 5999, 6000]) {
    for (const to of [from, from + 1, 1000, 1001, 6000].filter((end) => end >= from && end <= 6000)) {
      expect(await joined.read(from, to - from)).toEqual(bytes.subarray(from, to));
    }
  }
  await expect(joined.read(5999, 2)).rejects.toMatchObject({ code: "SOURCE_OUT_OF_RANGE" });
  expect(joinedSource([]).length).toBe(0);
});

test("what is read from a Buffer in memory is the caller's own", async () => {
  const buffer = Buffer.from([1, 2, 3]);
  const read = await new MemorySource(buffer).read(0, 3);
  read.fill(0);
  expect(buffer).toEqual(Buffer.from([1, 2, 3]));
});

test.each([
  [-1, 1],
  [0, 3_000_001],
  [2_999_999, 2],
  [2 ** 53, 1],
  [0.5, 1],
])("offset %d length %d is out of range", async (offset, length) => {
  await expect(new MemorySource(bytes).read(offset, length)).rejects.toMatchObject({
    code: "SOURCE_OUT_OF_RANGE",
  });
});

test("a file that is cut or written to while it is open is noticed", async () => {
  const { path, source } = openTemporary();
  source.assertUnchanged();
  truncateSync(path, 1000);
  await expect(source.read(500, 1000)).rejects.toMatchObject({
    code: "SOURCE_TRUNCATED",
    fields: { offset: 1000 },
  });
  expect(() => source.assertUnchanged()).toThrow(expect.objectContaining({ code: "SOURCE_CHANGED" }));
  source.close();
});

test("a file is opened again only as what it was", () => {
  const { path, source } = openTemporary();
  const again = FileSource.reopen(path, source.fingerprint);
  const sync = new Uint8Array(100);
  again.readSync(5, sync);
  expect(sync).toEqual(bytes.slice(5, 105));
  again.close();
  rmSync(path);
  writeFileSync(path, bytes);
  expect(() => FileSource.reopen(path, source.fingerprint)).toThrow(
    expect.objectContaining({ code: "SOURCE_CHANGED", fields: { path } }),
  );
  source.close();
});

test("what is not a readable file is said so", () => {
  expect(() => FileSource.open("/nonexistent")).toThrow(
    expect.objectContaining({ code: "SOURCE_UNREADABLE" }),
  );
  expect(() => FileSource.open(tmpdir())).toThrow(expect.objectContaining({ code: "SOURCE_NOT_A_FILE" }));
});

test("another thread reads a source synchronously, faults included", async () => {
  const good = new MemorySource(bytes);
  const { handle, stop } = shareSource({
    length: bytes.length,
    read: async (offset, length) => {
      if (offset === 0) throw new SourceError("SOURCE_CHANGED", "changed", { path: "x" });
      return await good.read(offset, length);
    },
  });
  const script = `import { parentPort, workerData } from "node:worker_threads";
    import { threadSource } from "${new URL("../src/index.ts", import.meta.url).href}";
    const source = threadSource(workerData);
    const target = new Uint8Array(2_500_000);
    source.readSync(123, target);
    let fault;
    try { source.readSync(0, new Uint8Array(2)); } catch ({ code, fields }) { fault = { code, fields }; }
    parentPort.postMessage({ target, fault });`;
  const worker = new Worker(script, {
    eval: true,
    workerData: handle,
    transferList: [handle.port],
    execArgv: ["--input-type=module", ...process.execArgv],
  });
  const answer = await new Promise<{ target: Uint8Array; fault: unknown }>((resolve, reject) => {
    worker.once("message", resolve).once("error", reject);
  });
  stop();
  expect(answer.target).toEqual(bytes.slice(123, 2_500_123));
  expect(answer.fault).toEqual({ code: "SOURCE_CHANGED", fields: { path: "x" } });
});

test("what is no regular file is refused at once: a FIFO that nobody writes to, a device, a folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "bootstamp-source-"));
  const fifo = join(folder, "fifo");
  execFileSync("mkfifo", [fifo]);
  // In a process that can be ended: a thread that waits for a writer cannot.
  const script = `import { FileSource } from "${new URL("../src/index.ts", import.meta.url).href}";
    for (const path of process.argv.slice(1)) try { FileSource.open(path); } catch ({ code }) { console.log(code); }`;
  const words = ["--conditions=@bootstamp/source", "--input-type=module", "-e", script, "--"];
  const said = execFileSync(process.execPath, [...words, fifo, "/dev/zero", folder], {
    encoding: "utf8",
    timeout: 120_000,
  });
  expect(said).toBe("SOURCE_NOT_A_FILE\n".repeat(3));
});
