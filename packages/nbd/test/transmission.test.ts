import { describe, expect, test } from "vitest";
import { type MemoryExport, memoryExport, patterned, readOnly, without } from "./memory-export.ts";
import { hex, RawClient, u32 } from "./raw-client.ts";
import { serving } from "./serving.ts";

const command = {
  read: 0,
  write: 1,
  disconnect: 2,
  flush: 3,
  trim: 4,
  cache: 5,
  zero: 6,
  status: 7,
} as const;
const flag = { fua: 1, noHole: 2, df: 4, reqOne: 8, fastZero: 16, payloadLength: 32 } as const;
const errno = { perm: 1, io: 5, nomem: 12, invalid: 22, noSpace: 28, notSupported: 95 } as const;
const length = 1 << 20;

async function attached(structured = false): Promise<{ client: RawClient; exported: MemoryExport }> {
  const exported = memoryExport(length);
  exported.bytes.set(patterned(length));
  const server = await serving(exported);
  return { client: await RawClient.attached(server.address, { structured }), exported };
}

/** Shows that requests and replies have not lost each other. */
async function stillInSync(client: RawClient, exported: MemoryExport): Promise<void> {
  const { error, cookie, data } = await client.demand({
    command: 0,
    offset: 512n,
    length: 64,
    cookie: 0xabcdefn,
  });
  expect([error, cookie]).toEqual([0, 0xabcdefn]);
  expect(data.equals(exported.bytes.subarray(512, 576))).toBe(true);
}

describe("commands", () => {
  test("a write is seen by a later read", async () => {
    const { client, exported } = await attached();
    const data = patterned(300_000, 9);
    expect(await client.demand({ command: command.write, offset: 5n, data })).toMatchObject({ error: 0 });
    const { data: read } = await client.demand({ command: command.read, offset: 5n, length: 300_000 });
    expect(read.equals(data)).toBe(true);
    expect(exported.calls).toEqual(["write 5 300000", "read 5 300000"]);
  });

  test("reads of one byte, of all, and of 32 MiB", async () => {
    const exported = memoryExport(40 << 20);
    exported.bytes.set(patterned(1 << 20), 33 << 20);
    const server = await serving(exported);
    const client = await RawClient.attached(server.address);
    const last = await client.demand({
      command: command.read,
      offset: BigInt(exported.length - 1),
      length: 1,
    });
    expect(last).toMatchObject({ error: 0 });
    const most = await client.demand({ command: command.read, offset: 8n << 20n, length: 32 << 20 });
    expect(most.data.equals(exported.bytes.subarray(8 << 20))).toBe(true);
  });

  test("an export may answer out of memory that threads share", async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(length));
    shared.set(patterned(length));
    const server = await serving({
      name: "",
      length,
      read: async (from, count) => shared.subarray(from, from + count),
    });
    const client = await RawClient.attached(server.address);
    const { data } = await client.demand({ command: command.read, offset: 77n, length: 300_000 });
    expect(data.equals(patterned(length).subarray(77, 300_077))).toBe(true);
  });

  test("every changing command reaches the writer, and with FUA a flush after it", async () => {
    const { client, exported } = await attached();
    const data = Buffer.of(1, 2, 3);
    for (const flags of [0, flag.fua]) {
      for (const asked of [
        { command: command.write, offset: 7n, data },
        { command: command.trim, offset: 4096n, length: 4096 },
        { command: command.zero, offset: 8192n, length: 512 },
        { command: command.zero, offset: 8192n, length: 512, flags: flag.noHole },
      ])
        expect(await client.demand({ ...asked, flags: flags | (asked.flags ?? 0) })).toMatchObject({
          error: 0,
        });
    }
    const once = ["write 7 3", "trim 4096 4096", "zero 8192 512 true", "zero 8192 512 false"];
    expect(exported.calls).toEqual([...once, ...once.flatMap((call) => [call, "flush"])]);
  });

  test("flush and cache reach the export", async () => {
    const { client, exported } = await attached();
    expect(await client.demand({ command: command.flush })).toMatchObject({ error: 0 });
    expect(await client.demand({ command: command.cache, offset: 1n, length: 2 })).toMatchObject({
      error: 0,
    });
    expect(exported.calls).toEqual(["flush", "cache 1 2"]);
  });

  test("FUA is good on every command of a writable export", async () => {
    const { client } = await attached();
    const asked = { flags: flag.fua, command: command.read, length: 10 };
    expect(await client.demand(asked)).toMatchObject({ error: 0 });
    expect(await client.demand({ ...asked, command: command.cache })).toMatchObject({ error: 0 });
  });

  test("what has no length does nothing, and is no error", async () => {
    const { client, exported } = await attached();
    for (const number of [command.read, command.write, command.trim, command.zero])
      expect(await client.demand({ command: number, offset: BigInt(length) })).toMatchObject({ error: 0 });
    expect(exported.calls).toEqual([]);
    await stillInSync(client, exported);
  });

  test("fast zeroing is refused as what it is not", async () => {
    const { client } = await attached();
    const asked = { command: command.zero, length: 512, flags: flag.fastZero };
    expect(await client.demand(asked)).toMatchObject({ error: errno.notSupported });
  });
});

describe("requests that are refused", () => {
  test.each([
    ["reads over the end", command.read, BigInt(length - 1), 2, errno.invalid],
    ["reads at the very end", command.read, BigInt(length), 1, errno.invalid],
    ["reads at 2^64 - 1", command.read, 0xffffffffffffffffn, 1, errno.invalid],
    ["reads at 2^53 + 1", command.read, (1n << 53n) + 1n, 1, errno.invalid],
    ["reads of 2^32 - 1 bytes", command.read, 0n, 0xffffffff, errno.invalid],
    ["reads of more than 32 MiB", command.read, 0n, (32 << 20) + 1, errno.invalid],
    ["trims over the end", command.trim, 4096n, length, errno.invalid],
    ["zeroing over the end", command.zero, 4096n, length, errno.noSpace],
    ["caching over the end", command.cache, 4096n, 0xffffffff, errno.invalid],
    ["a flush with an offset", command.flush, 1n, 0, errno.invalid],
    ["a flush with a length", command.flush, 0n, 1, errno.invalid],
    ["block status without a context", command.status, 0n, 512, errno.invalid],
    ["command 8", 8, 0n, 0, errno.invalid],
    ["command 65535", 65_535, 0n, 100, errno.invalid],
  ])("%s", async (_, number, offset, count, error) => {
    const { client, exported } = await attached();
    const reply = await client.demand({ command: number, offset, length: count, cookie: 3n });
    expect(reply).toMatchObject({ error, cookie: 3n });
    expect(exported.calls).toEqual([]);
    await stillInSync(client, exported);
  });

  test.each([
    ["over the end", { offset: BigInt(length - 1), flags: 0 }, errno.noSpace],
    ["at 2^64 - 1", { offset: 0xffffffffffffffffn, flags: 0 }, errno.noSpace],
    ["with an unknown flag", { offset: 0n, flags: 0x8000 }, errno.invalid],
    ["with the flag of extended headers", { offset: 0n, flags: flag.payloadLength }, errno.invalid],
  ])("a write %s, whose data is skipped", async (_, asked, error) => {
    const { client, exported } = await attached();
    const before = Buffer.from(exported.bytes);
    // The data looks like requests, to whoever does not skip it.
    const data = Buffer.concat(Array.from({ length: 5000 }, () => u32(0x25609513)));
    expect(await client.demand({ ...asked, command: command.write, data })).toMatchObject({ error });
    await stillInSync(client, exported);
    expect(exported.bytes.equals(before)).toBe(true);
  });

  test("a write of more than 32 MiB, whose data is skipped", async () => {
    const { client, exported } = await attached();
    const data = Buffer.alloc((32 << 20) + 1, 1);
    expect(await client.demand({ command: command.write, data })).toMatchObject({ error: errno.invalid });
    await stillInSync(client, exported);
  });

  test.each([
    [command.read, flag.df],
    [command.read, flag.reqOne],
    [command.read, flag.noHole],
    [command.read, flag.payloadLength],
    [command.flush, flag.noHole],
    [command.trim, flag.noHole],
    [command.trim, 0x4000],
    [command.zero, flag.df],
    [command.cache, flag.fastZero],
  ])("command %i with flag %i", async (number, flags) => {
    const { client, exported } = await attached();
    const refused = { error: errno.invalid };
    expect(await client.demand({ command: number, flags, length: 0 })).toMatchObject(refused);
    await stillInSync(client, exported);
  });

  test("a read-only export allows nothing that changes it, and skips the data", async () => {
    const exported = memoryExport(length);
    const server = await serving(readOnly(exported));
    const client = await RawClient.attached(server.address);
    const data = Buffer.alloc(100_000, 1);
    expect(await client.demand({ command: command.write, data })).toMatchObject({ error: errno.perm });
    for (const number of [command.trim, command.zero])
      expect(await client.demand({ command: number, length: 512 })).toMatchObject({ error: errno.perm });
    expect(await client.demand({ command: command.flush })).toMatchObject({ error: 0 });
    expect(exported.calls).toEqual([]);
    await stillInSync(client, exported);
  });

  test("trim, zeroing and caching where the export has none", async () => {
    const { writer } = memoryExport(length);
    const server = await serving({
      ...without(memoryExport(length), "cache"),
      writer: { write: async (...range) => writer.write(...range), flush: async () => writer.flush() },
    });
    const client = await RawClient.attached(server.address);
    for (const number of [command.trim, command.zero, command.cache])
      expect(await client.demand({ command: number, length: 512 })).toMatchObject({ error: errno.invalid });
  });
});

describe("an export that fails", () => {
  test.each([
    [new Error("no such luck"), errno.io],
    [Object.assign(new Error("full"), { code: "ENOSPC" }), errno.noSpace],
    [Object.assign(new Error("full"), { code: "EDQUOT" }), errno.noSpace],
    [Object.assign(new Error("no"), { code: "EACCES" }), errno.perm],
    [Object.assign(new Error("no"), { code: "NBD_NOT_PERMITTED" }), errno.perm],
    [Object.assign(new Error("full"), { code: "NBD_NO_SPACE" }), errno.noSpace],
    [Object.assign(new Error("tight"), { code: "ENOMEM" }), errno.nomem],
    [Object.assign(new Error("odd"), { code: "toString" }), errno.io],
  ])("with %s fails that request alone", async (thrown, error) => {
    const exported = memoryExport(length);
    const server = await serving({
      ...exported,
      read: async (offset, count, signal) => {
        if (offset === 4096) throw thrown;
        return exported.read(offset, count, signal);
      },
    });
    const client = await RawClient.attached(server.address);
    expect(await client.demand({ command: command.read, offset: 4096n, length: 10 })).toMatchObject({
      error,
    });
    await stillInSync(client, exported);
    expect(await server.event("request-failed")).toMatchObject({ error: thrown, offset: 4096 });
  });

  test.each([9, 11, 0])("to give the right number of bytes fails that request alone: %i", async (got) => {
    const exported = memoryExport(length);
    const server = await serving({
      ...exported,
      read: async (offset, count, signal) => exported.read(offset, count === 10 ? got : count, signal),
    });
    const client = await RawClient.attached(server.address);
    expect(await client.demand({ command: command.read, length: 10 })).toMatchObject({ error: errno.io });
    expect(await server.event("request-failed")).toMatchObject({ error: { code: "NBD_READ_LENGTH" } });
    await stillInSync(client, exported);
  });

  test("before it has made a promise fails that request alone", async () => {
    const exported = memoryExport(length);
    const server = await serving({
      ...exported,
      extents: () => {
        throw new Error("none");
      },
    });
    const client = await RawClient.attached(server.address, { structured: true });
    client.request({ command: command.status, length: 512 });
    expect(await client.chunk()).toMatchObject({ type: 0x8001 });
    client.request({ command: command.read, length: 512 });
    expect(await client.chunk()).toMatchObject({ type: 1 });
  });

  test("does not tell clients what it tells the log", async () => {
    const server = await serving({
      ...memoryExport(length),
      read: async () => {
        throw new Error("cannot read /home/someone/secret.img");
      },
    });
    const client = await RawClient.attached(server.address, { structured: true });
    client.request({ command: command.read, length: 512 });
    expect((await client.chunk()).payload).toEqual(hex("00000005 0000"));
  });
});

describe("structured replies", () => {
  test("a read is one chunk with its offset, with DF and without", async () => {
    const { client, exported } = await attached(true);
    for (const flags of [0, flag.df]) {
      client.request({ command: command.read, flags, offset: 8190n, length: 70_000, cookie: 99n });
      const { payload, ...chunk } = await client.chunk();
      expect(chunk).toEqual({ flags: 1, type: 1, cookie: 99n });
      expect(payload.readBigUInt64BE(0)).toBe(8190n);
      expect(payload.subarray(8).equals(exported.bytes.subarray(8190, 78_190))).toBe(true);
    }
  });

  test("a read of nothing has no data chunk", async () => {
    const { client } = await attached(true);
    client.request({ command: command.read, cookie: 5n });
    expect(await client.chunk()).toEqual({ flags: 1, type: 0, cookie: 5n, payload: Buffer.alloc(0) });
  });

  test("a refusal says why", async () => {
    const { client } = await attached(true);
    client.request({ command: command.read, offset: BigInt(length), length: 1, cookie: 5n });
    const { type, payload } = await client.chunk();
    expect(type).toBe(0x8001);
    expect(payload.readUInt32BE(0)).toBe(errno.invalid);
    expect(payload.readUInt16BE(4)).toBe(payload.length - 6);
    expect(payload.subarray(6).toString()).toContain(`${length}`);
  });

  test("block status joins what is alike and is cut off at the end of the range", async () => {
    const { client, exported } = await attached(true);
    exported.bytes.fill(0, 8192, 65_536);
    client.request({ command: command.status, offset: 100n, length: 80_000 });
    const { type, payload } = await client.chunk();
    expect(type).toBe(5);
    const numbers = Array.from({ length: payload.length / 4 }, (_, index) => payload.readUInt32BE(4 * index));
    expect(numbers).toEqual([1, 8092, 0, 57_344, 3, 14_564, 0]);
    client.request({ command: command.status, offset: 100n, length: 80_000, flags: flag.reqOne });
    expect((await client.chunk()).payload).toEqual(payload.subarray(0, 12));
  });

  test.each([
    [0n, 0],
    [BigInt(length), 1],
    [0n, 0xffffffff],
  ])("block status at %i of %i bytes is refused", async (offset, count) => {
    const { client } = await attached(true);
    client.request({ command: command.status, offset, length: count });
    expect(await client.chunk()).toMatchObject({ type: 0x8001 });
  });
});

describe("many requests", () => {
  test("a thousand sent at once are each answered once", async () => {
    const { client, exported } = await attached();
    for (let index = 0; index < 1000; index++)
      client.request({
        command: command.read,
        offset: BigInt(index * 16),
        length: 16,
        cookie: BigInt(index),
      });
    const seen = new Set<bigint>();
    for (let index = 0; index < 1000; index++) {
      const { cookie, data } = await client.simple(16);
      expect(data.equals(exported.bytes.subarray(Number(cookie) * 16, Number(cookie) * 16 + 16))).toBe(true);
      seen.add(cookie);
    }
    expect(seen.size).toBe(1000);
  });

  test("requests that come byte by byte are understood", async () => {
    const { client, exported } = await attached();
    const bytes = hex("25609513 0000 0001 00000000000000aa 0000000000000010 00000003 010203");
    for (const byte of bytes) {
      client.send(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await client.simple()).toMatchObject({ error: 0, cookie: 0xaan });
    expect(exported.bytes.subarray(16, 19)).toEqual(Buffer.of(1, 2, 3));
  });

  test("a slow read does not hold up later ones", async () => {
    const exported = memoryExport(length);
    const slow = Promise.withResolvers<Uint8Array>();
    const server = await serving({
      ...exported,
      read: async (offset, count, signal) =>
        offset === 0 ? slow.promise : exported.read(offset, count, signal),
    });
    const client = await RawClient.attached(server.address);
    client.request({ command: command.read, length: 4, cookie: 1n });
    client.request({ command: command.read, offset: 4096n, length: 4, cookie: 2n });
    expect(await client.simple(4)).toMatchObject({ cookie: 2n });
    slow.resolve(Buffer.alloc(4, 7));
    expect(await client.simple(4)).toMatchObject({ cookie: 1n, data: Buffer.alloc(4, 7) });
  });
});
