import { expect, test } from "vitest";
import { memoryExport } from "./memory-export.ts";
import { RawClient } from "./raw-client.ts";
import { serving } from "./serving.ts";

test("the greeting is fixed newstyle without zeroes", async () => {
  const server = await serving(memoryExport(4096));
  const client = await RawClient.connect(server.address);
  expect((await client.take(18)).toString("latin1")).toBe("NBDMAGICIHAVEOPT\0\u0003");
  client.vanish();
});

test.each([4, 0x80000000, 0xffffffff])("client flags %i end the connection", async (flags) => {
  const server = await serving(memoryExport(4096));
  const client = await RawClient.greeted(server.address, flags);
  expect(await client.rest()).toHaveLength(0);
  expect(await server.event("disconnected")).toMatchObject({ fault: { code: "NBD_PROTOCOL" } });
});
