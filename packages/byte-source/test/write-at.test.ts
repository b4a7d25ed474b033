import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeAt } from "@bootstamp/byte-source";
import fc from "fast-check";
import { expect, test } from "vitest";

const makePath = (): string => join(mkdtempSync(join(tmpdir(), "bootstamp-write-at-")), "file");

test("all bytes are written where they belong, however few the system takes at once", async () => {
  const counts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), fc.nat(1000), counts, async (bytes, offset, most) => {
      const path = makePath();
      await using file = await open(path, "wx");
      let calls = 0;
      const write = async (part: Uint8Array, from: number, length: number, position: number) =>
        await file.write(part, from, Math.min(length, most[calls++ % most.length] ?? 1), position);
      await writeAt({ write }, bytes, offset);
      const found = readFileSync(path);
      expect(found.subarray(offset).equals(bytes)).toBe(true);
      expect(found.subarray(0, offset).every((byte) => byte === 0)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test("what takes nothing more is full", async () => {
  let room = 5;
  const write = async (_part: Uint8Array, _from: number, length: number) => {
    const bytesWritten = Math.min(length, room);
    room -= bytesWritten;
    return { bytesWritten };
  };
  await expect(writeAt({ write }, new Uint8Array(7), 0)).rejects.toMatchObject({
    code: "ENOSPC",
    syscall: "write",
  });
});

test("a write that the system cuts short is taken up again, and then says why it was", () => {
  const path = makePath();
  const script = `import { openSync } from "node:fs";
    import { writeAtSync } from "${new URL("../src/index.ts", import.meta.url).href}";
    const descriptor = openSync("${path}", "wx");
    try { writeAtSync(descriptor, new Uint8Array(100_000).fill(7), 100); } catch ({ code }) { console.log(code); }`;
  const node = [process.execPath, "--conditions=@bootstamp/source", "--input-type=module", "-e", script];
  // 8 KiB: the first write has room for a part, the next one for none.
  const limited = ["-c", 'ulimit -f 8 && exec "$@"', "limited", ...node];
  expect(execFileSync("bash", limited, { encoding: "utf8" })).toBe("EFBIG\n");
  expect(readFileSync(path)).toHaveLength(8192);
});
