import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemorySource } from "@bootstamp/byte-source";
import { openQcow2, type Qcow2Source } from "@bootstamp/qcow2";
import { run } from "@bootstamp/witnesses";

/** A folder for one test's images, which goes away with it. */
export class Workshop implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "bootstamp-qcow2-"));

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Creates an image of `length` bytes with qemu-img, writes by qemu-io, and returns its path. */
  async create(length: number, options: string, commands: readonly string[] = []): Promise<string> {
    const path = this.path("image.qcow2");
    await run("qemu-img", ["create", "-q", "-f", "qcow2", "-o", options, path, String(length)]);
    await this.write(path, commands);
    return path;
  }

  async write(path: string, commands: readonly string[]): Promise<void> {
    if (commands.length === 0) return;
    const args = commands.flatMap((command) => ["-c", command]);
    await run("qemu-io", ["-f", "qcow2", "-d", "unmap", ...args, path]);
  }

  /** Converts raw bytes to an image. */
  async convert(raw: Uint8Array, ...args: readonly string[]): Promise<string> {
    const path = this.path("image.qcow2");
    writeFileSync(this.path("raw"), raw);
    await run("qemu-img", ["convert", "-q", "-f", "raw", "-O", "qcow2", ...args, this.path("raw"), path]);
    return path;
  }

  /** What qemu-img makes of an image. */
  async rawOf(path: string): Promise<Buffer> {
    const raw = this.path("back.raw");
    await run("qemu-img", ["convert", "-q", "-f", "qcow2", "-O", "raw", path, raw]);
    return readFileSync(raw);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

export async function openPath(path: string): Promise<Qcow2Source> {
  return await openQcow2(new MemorySource(readFileSync(path)));
}

/** Bytes of which some compress well, some not at all, and some are zero. */
export function mixedBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const stretch = (at >>> 13) % 4;
    if (stretch === 0) bytes[at] = state >>> 24;
    else if (stretch === 1) bytes[at] = 65 + ((at >>> 4) % 26);
    else if (stretch === 2) bytes[at] = (state >>> 30) + 97;
  }
  return bytes;
}
