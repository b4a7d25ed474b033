import { describe, expect, test } from "vitest";
import { memoryExport, readOnly, without } from "./memory-export.ts";
import {
  contextData,
  counted,
  hex,
  informationData,
  type OptionReply,
  RawClient,
  u16,
  u32,
} from "./raw-client.ts";
import { serving } from "./serving.ts";

const option = {
  exportName: 1,
  abort: 2,
  list: 3,
  startTls: 5,
  info: 6,
  go: 7,
  structured: 8,
  listContexts: 9,
  setContexts: 10,
  extendedHeaders: 11,
} as const;

const error = { unsupported: 1, policy: 2, invalid: 3, tlsRequired: 5, unknown: 6, tooBig: 9 } as const;

function failure(kind: keyof typeof error): number {
  return 0x80000000 + error[kind];
}

function types(replies: readonly OptionReply[]): number[] {
  return replies.map(({ type }) => type);
}

async function haggling(): Promise<RawClient> {
  const server = await serving([memoryExport(8192), readOnly(memoryExport(4096, "boot"))]);
  return RawClient.greeted(server.address);
}

async function stillInSync(client: RawClient): Promise<void> {
  const replies = await client.ask(option.list);
  expect(types(replies)).toEqual([2, 2, 1]);
}

async function structured(): Promise<RawClient> {
  const client = await haggling();
  expect(types(await client.ask(option.structured))).toEqual([1]);
  return client;
}

describe("options", () => {
  test("LIST names every export with its description", async () => {
    const client = await haggling();
    const replies = await client.ask(option.list);
    expect(replies.map(({ data }) => data.toString("latin1"))).toEqual([
      "\0\0\0\u00008192 bytes in memory",
      "\0\0\0\u0004boot4096 bytes in memory",
      "",
    ]);
  });

  test("INFO gives the export, and name, description and block sizes where asked for", async () => {
    const client = await haggling();
    const replies = await client.ask(option.info, informationData("boot", [3, 1, 2, 77, 3]));
    const [exported, name, description, sizes, end] = replies;
    expect(types(replies)).toEqual([3, 3, 3, 3, 1]);
    expect(exported?.data).toEqual(hex("0000 0000000000001000 0507"));
    expect(name?.data.toString("latin1")).toBe("\0\u0001boot");
    expect(description?.data.toString("latin1")).toBe("\0\u00024096 bytes in memory");
    expect(sizes?.data).toEqual(hex("0003 00000001 00001000 02000000"));
    expect(end?.data).toHaveLength(0);
    await stillInSync(client);
  });

  test("a GO that fails leaves the client haggling, and the next one may succeed", async () => {
    const client = await haggling();
    expect(types(await client.ask(option.go, informationData("nothing")))).toEqual([failure("unknown")]);
    await stillInSync(client);
    expect(types(await client.ask(option.go, informationData("")))).toEqual([3, 1]);
    expect(await client.demand({ command: 0, length: 16 })).toMatchObject({ error: 0 });
  });

  test.each([
    ["an export name longer than the data", Buffer.concat([u32(9), Buffer.from("boot"), u16(0)])],
    ["a name of 2^32 - 1 bytes", Buffer.concat([u32(0xffffffff), Buffer.from("boot"), u16(0)])],
    ["fewer requests than counted", Buffer.concat([counted("boot"), u16(2), u16(3)])],
    ["more requests than counted", Buffer.concat([counted("boot"), u16(0), u16(3)])],
    ["no count", counted("boot")],
    ["nothing at all", Buffer.alloc(0)],
    ["a name that is not UTF-8", Buffer.concat([u32(2), Buffer.of(0xc3, 0x28), u16(0)])],
    ["a name with a NUL", Buffer.concat([counted("bo\0t"), u16(0)])],
    ["a name of 4097 bytes", informationData("x".repeat(4097))],
  ])("INFO and GO with %s are invalid", async (_, data) => {
    const client = await haggling();
    expect(types(await client.ask(option.info, data))).toEqual([failure("invalid")]);
    expect(types(await client.ask(option.go, data))).toEqual([failure("invalid")]);
    await stillInSync(client);
  });

  test.each([
    ["LIST", option.list],
    ["STRUCTURED_REPLY", option.structured],
    ["STARTTLS", option.startTls],
  ])("%s takes no data", async (_, number) => {
    const client = await haggling();
    expect(types(await client.ask(number, Buffer.of(1)))).toEqual([failure("invalid")]);
    await stillInSync(client);
  });

  test("STARTTLS is forbidden where there is no TLS", async () => {
    const client = await haggling();
    expect(types(await client.ask(option.startTls))).toEqual([failure("policy")]);
    await stillInSync(client);
  });

  test.each([0, 4, option.extendedHeaders, 12, 99, 0xffffffff])(
    "option %i is unsupported, whatever data it has",
    async (number) => {
      const client = await haggling();
      for (const length of [0, 1, 65_536, 65_537, 3_000_000]) {
        expect(await client.ask(number, Buffer.alloc(length, 0x49))).toMatchObject([
          { option: number, type: failure("unsupported") },
        ]);
      }
      await stillInSync(client);
    },
  );

  test("known options with more data than the limit are too big, and their data is skipped", async () => {
    const client = await haggling();
    for (const number of [option.list, option.info, option.go]) {
      expect(types(await client.ask(number, Buffer.alloc(65_537)))).toEqual([failure("tooBig")]);
    }
    await stillInSync(client);
  });

  test("ABORT is acknowledged, and then the connection ends", async () => {
    const client = await haggling();
    expect(types(await client.ask(option.abort))).toEqual([1]);
    expect(await client.rest()).toHaveLength(0);
  });

  test("a client that aborts and leaves at once is no fault", async () => {
    const server = await serving(memoryExport(4096));
    const client = await RawClient.greeted(server.address);
    client.sendOption(option.abort);
    client.vanish();
    expect(await server.event("disconnected")).not.toHaveProperty("fault");
  });

  test("another magic number ends the connection", async () => {
    const server = await serving(memoryExport(4096));
    const client = await RawClient.greeted(server.address);
    client.send(Buffer.from("IHAVEOPX"), u32(3), u32(0));
    expect(await client.rest()).toHaveLength(0);
    expect(await server.event("disconnected")).toMatchObject({ fault: { code: "NBD_PROTOCOL" } });
  });

  test("options sent all at once are answered in turn", async () => {
    const client = await haggling();
    for (let count = 0; count < 50; count++) client.sendOption(count % 2 === 0 ? option.list : 50);
    const counts = [];
    for (let count = 0; count < 50; count++) counts.push((await client.replies()).length);
    expect(counts).toEqual(Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? 3 : 1)));
  });
});

describe("EXPORT_NAME", () => {
  test.each([
    [3, 10],
    [1, 134],
    [0, 134],
    [2, 10],
  ])("with client flags %i is answered by %i bytes", async (flags, length) => {
    const server = await serving(memoryExport(8192, "disk"));
    const client = await RawClient.greeted(server.address, flags);
    client.sendOption(option.exportName, Buffer.from("disk"));
    const answer = await client.take(length);
    expect(answer.readBigUInt64BE(0)).toBe(8192n);
    expect(answer.subarray(10).every((byte) => byte === 0)).toBe(true);
    expect(await client.demand({ command: 0, length: 100, cookie: 7n })).toMatchObject({
      error: 0,
      cookie: 7n,
    });
  });

  test("after STRUCTURED_REPLY reads are answered in chunks", async () => {
    const client = await haggling();
    await client.ask(option.structured);
    client.sendOption(option.exportName, Buffer.from("boot"));
    await client.take(10);
    client.request({ command: 0, length: 10 });
    expect(await client.chunk()).toMatchObject({ flags: 1, type: 1 });
  });

  test.each([
    ["an unknown name", Buffer.from("nothing"), undefined],
    ["a name that is not UTF-8", Buffer.of(0xff), undefined],
    ["a name of 4097 bytes", Buffer.alloc(4097, 0x61), undefined],
    ["a length of 2^32 - 1", Buffer.alloc(0), 0xffffffff],
  ])("%s ends the connection", async (_, data, length) => {
    const client = await haggling();
    client.sendOption(option.exportName, data, length);
    expect(await client.rest()).toHaveLength(0);
  });
});

describe("clients without fixed newstyle", () => {
  test("are left at any option but EXPORT_NAME and ABORT", async () => {
    const server = await serving(memoryExport(8192));
    const client = await RawClient.greeted(server.address, 0);
    client.sendOption(option.list);
    expect(await client.rest()).toHaveLength(0);
    expect(await server.event("option-refused")).toMatchObject({ option: option.list });
  });
});

describe("metadata contexts", () => {
  test("need structured replies first", async () => {
    const client = await haggling();
    for (const number of [option.listContexts, option.setContexts])
      expect(types(await client.ask(number, contextData("", [])))).toEqual([failure("invalid")]);
  });

  test.each([[[]], [["base:"]], [["base:allocation"]], [["x:y", "base:allocation", "base:"]]])(
    "a listing for %j has base:allocation",
    async (queries) => {
      const client = await structured();
      const replies = await client.ask(option.listContexts, contextData("boot", queries));
      expect(types(replies)).toEqual([4, 1]);
      expect(replies[0]?.data.toString("latin1")).toBe("\0\0\0\0base:allocation");
    },
  );

  test.each([[["base:other"]], [["qemu:dirty-bitmap:x"]], [[""]]])(
    "a listing for %j is empty",
    async (queries) => {
      const client = await structured();
      expect(types(await client.ask(option.listContexts, contextData("boot", queries)))).toEqual([1]);
    },
  );

  test("a choice needs the whole name, and gets an id", async () => {
    const client = await structured();
    expect(types(await client.ask(option.setContexts, contextData("boot", ["base:"])))).toEqual([1]);
    expect(types(await client.ask(option.setContexts, contextData("boot", [])))).toEqual([1]);
    const [chosen] = await client.ask(option.setContexts, contextData("boot", ["base:allocation"]));
    expect(chosen?.data.toString("latin1")).toBe("\0\0\0\u0001base:allocation");
  });

  test("there is none for an export that says nothing of its extents", async () => {
    const server = await serving(without(memoryExport(4096), "extents"));
    const client = await RawClient.greeted(server.address);
    await client.ask(option.structured);
    for (const number of [option.listContexts, option.setContexts])
      expect(types(await client.ask(number, contextData("", ["base:allocation"])))).toEqual([1]);
  });

  test.each([
    [
      "a choice for another export",
      async (client: RawClient) => client.ask(option.setContexts, contextData("", ["base:allocation"])),
    ],
    [
      "a later, empty choice",
      async (client: RawClient) => client.ask(option.setContexts, contextData("boot", [])),
    ],
    ["a later, malformed choice", async (client: RawClient) => client.ask(option.setContexts, Buffer.of(1))],
    [
      "a later choice that names nothing",
      async (client: RawClient) => client.ask(option.setContexts, contextData("?", [])),
    ],
  ])("%s does away with the first", async (_, then) => {
    const client = await structured();
    await client.ask(option.setContexts, contextData("boot", ["base:allocation"]));
    await then(client);
    await client.ask(option.go, informationData("boot"));
    client.request({ command: 7, length: 512 });
    expect(await client.chunk()).toMatchObject({ type: 0x8001 });
  });

  test.each([
    ["more queries than there are", Buffer.concat([counted("boot"), u32(2), counted("base:")])],
    ["2^32 - 1 queries", Buffer.concat([counted("boot"), u32(0xffffffff)])],
    ["fewer queries than there are", Buffer.concat([counted("boot"), u32(0), counted("base:")])],
    ["a query of 2^32 - 1 bytes", Buffer.concat([counted("boot"), u32(1), u32(0xffffffff)])],
    ["no number of queries", counted("boot")],
    ["nothing at all", Buffer.alloc(0)],
  ])("%s are malformed", async (_, data) => {
    const client = await structured();
    for (const number of [option.listContexts, option.setContexts])
      expect(types(await client.ask(number, data))).toEqual([failure("invalid")]);
    await stillInSync(client);
  });

  test("for an export that is not there are unknown", async () => {
    const client = await structured();
    const replies = await client.ask(option.listContexts, contextData("\u001b[31m".repeat(30), []));
    expect(types(replies)).toEqual([failure("unknown")]);
    expect(replies[0]?.data.includes(0x1b)).toBe(false);
  });
});
