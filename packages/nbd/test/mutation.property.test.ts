import * as fc from "fast-check";
import { expect, test } from "vitest";
import { memoryExport } from "./memory-export.ts";
import { contextData, encodeRequest, informationData, RawClient, u32 } from "./raw-client.ts";
import { serving } from "./serving.ts";

const length = 1 << 20;

function option(number: number, data: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.from("IHAVEOPT"), u32(number), u32(data.length), data]);
}

/** All that a client says in a good session. */
const session = Buffer.concat([
  u32(3),
  option(8),
  option(3),
  option(9, contextData("", [])),
  option(10, contextData("", ["base:allocation"])),
  option(6, informationData("", [1, 2, 3])),
  option(99, Buffer.alloc(100)),
  option(7, informationData("", [3])),
  encodeRequest({ command: 0, offset: 4096n, length: 4096 }),
  encodeRequest({ command: 1, offset: 0n, length: 512 }),
  Buffer.alloc(512, 7),
  encodeRequest({ command: 7, length }),
  encodeRequest({ command: 6, length: 4096, flags: 2 }),
  encodeRequest({ command: 3 }),
  encodeRequest({ command: 2 }),
]);

interface Mutation {
  readonly kind: "set" | "cut" | "insert" | "end";
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(
    "set" as const,
    "set" as const,
    "set" as const,
    "cut" as const,
    "insert" as const,
    "end" as const,
  ),
  offset: fc.nat({ max: session.length - 1 }),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 4 }),
    fc.constantFrom(Buffer.of(0xff, 0xff, 0xff, 0xff), Buffer.of(0, 0, 0, 0), Buffer.of(0x80, 0, 0, 0)),
  ),
});

function mutate(bytes: Buffer, { kind, offset, bytes: put }: Mutation): Buffer {
  const [head, tail] = [bytes.subarray(0, offset), bytes.subarray(offset)];
  if (kind === "end") return head;
  if (kind === "cut") return Buffer.concat([head, tail.subarray(put.length)]);
  return Buffer.concat([head, put, kind === "set" ? tail.subarray(put.length) : tail]);
}

test("whatever a client says, it is answered or left, and others are served", async () => {
  const server = await serving(memoryExport(length));
  const other = await RawClient.attached(server.address);
  const law = fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
    const client = await RawClient.connect(server.address);
    client.send(mutations.reduce(mutate, session));
    client.endHalf();
    await client.rest();
    expect(await other.demand({ command: 3 })).toMatchObject({ error: 0 });
  });
  await fc.assert(law, { numRuns: 200 });
  const faults = server.events.flatMap((event) => ("fault" in event ? [event.fault] : []));
  // A fault of any other name would be one of ours.
  expect(new Set(faults.map(({ name }) => name))).toEqual(new Set(["NbdError"]));
});

test("the session that is mutated is a good one", async () => {
  const server = await serving(memoryExport(length));
  const client = await RawClient.connect(server.address);
  client.send(session);
  expect((await client.rest()).length).toBeGreaterThan(4096);
  expect(await server.event("disconnected")).not.toHaveProperty("fault");
});
