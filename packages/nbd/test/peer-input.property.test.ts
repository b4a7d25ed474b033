import { PassThrough } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PeerInput } from "../src/peer-input.ts";
import { patterned } from "./memory-export.ts";

const lengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9000 })), {
  minLength: 1,
  maxLength: 40,
});

test("what comes in pieces of any lengths is taken in pieces of any others, and stays as it was taken", async () => {
  await fc.assert(
    fc.asyncProperty(lengths, lengths, fc.nat(), async (sent, wanted, turn) => {
      const stream = new PassThrough();
      const input = new PeerInput(stream);
      const total = sent.reduce((sum, length) => sum + length, 0);
      const bytes = patterned(total + 4);
      const taken: Buffer[] = [];
      let at = 0;
      const takeSome = async (): Promise<void> => {
        const length = Math.min(wanted[taken.length % wanted.length] ?? 1, input.buffered);
        if (length > 0) taken.push(await input.take(length));
      };
      for (const [index, length] of sent.entries()) {
        stream.emit("data", Buffer.from(bytes.subarray(at, at + length)));
        at += length;
        if ((index + turn) % 3 === 0) await takeSome();
      }
      while (input.buffered > 0) await takeSome();
      expect(Buffer.compare(Buffer.concat(taken), bytes.subarray(0, total))).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test("bytes that come one by one take no object each", async () => {
  const stream = new PassThrough();
  const input = new PeerInput(stream);
  const count = 1_000_000;
  const taking = input.take(count);
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < count; index++) stream.emit("data", Buffer.of(index));
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 << 20);
  const bytes = await taking;
  expect(bytes.length).toBe(count);
  expect(bytes.every((byte, index) => byte === (index & 255))).toBe(true);
});
