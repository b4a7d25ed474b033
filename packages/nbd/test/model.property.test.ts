import * as fc from "fast-check";
import { expect, test } from "vitest";
import { memoryExport, patterned } from "./memory-export.ts";
import { RawClient, u64 } from "./raw-client.ts";
import { serving } from "./serving.ts";

const length = 200_000;

interface Step {
  readonly kind: "read" | "write" | "zero" | "trim" | "status" | "flush";
  readonly connection: 0 | 1;
  readonly offset: number;
  readonly count: number;
  readonly seed: number;
  readonly fua: boolean;
}

const step: fc.Arbitrary<Step> = fc
  .record({
    kind: fc.constantFrom(
      "read" as const,
      "write" as const,
      "zero" as const,
      "trim" as const,
      "status" as const,
      "flush" as const,
    ),
    connection: fc.constantFrom(0 as const, 1 as const),
    offset: fc.nat({ max: length - 1 }),
    count: fc.oneof(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: length })),
    seed: fc.nat(),
    fua: fc.boolean(),
  })
  .filter(({ offset, count }) => offset + count <= length);

const commands = { read: 0, write: 1, flush: 3, trim: 4, zero: 6, status: 7 } as const;

/** Does a step through the server and on the model, and compares. */
async function take(client: RawClient, structured: boolean, model: Buffer, drawn: Step): Promise<void> {
  const { kind, offset, count, seed, fua } = drawn;
  if (kind === "status" && !structured) return;
  const range = kind === "flush" ? {} : { offset: BigInt(offset), length: count };
  const data = kind === "write" ? { data: patterned(count, seed) } : {};
  client.request({ command: commands[kind], flags: fua ? 1 : 0, cookie: BigInt(seed), ...range, ...data });
  if (kind === "write") model.set(patterned(count, seed), offset);
  if (kind === "zero" || kind === "trim") model.fill(0, offset, offset + count);
  const expected = model.subarray(offset, offset + count);
  if (structured) return compareChunk(client, drawn, expected);
  const reply = await client.simple(kind === "read" ? count : 0);
  const read = kind === "read" ? expected : Buffer.alloc(0);
  expect([reply.error, reply.cookie, reply.data.equals(read)]).toEqual([0, BigInt(seed), true]);
}

async function compareChunk(
  client: RawClient,
  { kind, offset, seed }: Step,
  expected: Buffer,
): Promise<void> {
  const { flags, cookie, payload } = await client.chunk();
  expect([flags, cookie, isRight(kind, offset, payload, expected)]).toEqual([1, BigInt(seed), true]);
}

function isRight(kind: Step["kind"], offset: number, payload: Buffer, expected: Buffer): boolean {
  if (kind === "status") return isRightStatus(payload, expected);
  if (kind !== "read") return payload.length === 0;
  return payload.equals(Buffer.concat([u64(BigInt(offset)), expected]));
}

/** Whatever is said to be zero is, and the runs cover the range. */
function isRightStatus(payload: Buffer, expected: Buffer): boolean {
  let end = 0;
  for (let at = 4; at < payload.length; at += 8) {
    const run = expected.subarray(end, end + payload.readUInt32BE(at));
    const isZero = (payload.readUInt32BE(at + 4) & 2) !== 0;
    if (isZero && run.some((byte) => byte !== 0)) return false;
    end += payload.readUInt32BE(at);
  }
  return end === expected.length;
}

test.each([true, false])("reads see what was written, structured %s", async (structured) => {
  const exported = memoryExport(length);
  const server = await serving(exported);
  const clients = await Promise.all(
    [0, 1].map(async () => RawClient.attached(server.address, { structured })),
  );
  const law = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
    const model = Buffer.from(exported.bytes);
    for (const drawn of steps) {
      const client = clients[drawn.connection];
      if (client !== undefined) await take(client, structured, model, drawn);
    }
    expect(exported.bytes.equals(model)).toBe(true);
  });
  await fc.assert(law, { numRuns: 25 });
});
