import { openHttpSource } from "@bootstamp/http-source";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FileServer, quick, someBytes, type Fault } from "./file-server.ts";

const bytes = someBytes(400_000);

/** What a server does to one request. */
type Mood = "serve" | "serve less" | "drop" | "cut" | "busy";

const mood = fc.constantFrom<Mood>("serve", "serve", "serve", "serve less", "drop", "cut", "busy");
const range = fc.tuple(fc.nat(bytes.length), fc.nat(bytes.length));

/** A server of changing moods, each in turn. */
function moody(moods: readonly Mood[]): Fault {
  let turn = 0;
  return (request, response) => {
    const [, first, last] = /=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
    const from = Number(first);
    const to = Math.min(bytes.length, Number(last) + 1);
    const serve = (count: number, announced = count): void => {
      const contentRange = `bytes ${from}-${from + announced - 1}/${bytes.length}`;
      response.writeHead(206, { "content-range": contentRange, "content-length": String(announced) });
      response.write(bytes.subarray(from, from + count), () => {
        if (count < announced) request.socket.destroy();
        else response.end();
      });
    };
    switch (moods[turn++ % moods.length]) {
      case "serve less":
        serve(Math.min(to - from, 70_000));
        break;
      case "cut":
        serve(Math.floor((to - from) / 2), to - from);
        break;
      case "drop":
        request.socket.destroy();
        break;
      case "busy":
        response.writeHead(503, { "retry-after": "0" }).end();
        break;
      case "serve":
      case undefined:
        serve(to - from);
    }
    return true;
  };
}

test("whatever a server's moods, what is read is right", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(mood, { minLength: 1, maxLength: 6 }).filter((moods) => moods.includes("serve")),
      fc.array(fc.array(range, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(1024, 10_000, 65_536),
      async (moods, batches, blockLength) => {
        await using server = await FileServer.start(bytes);
        server.fault = moody(moods);
        const options = {
          ...quick,
          retryDelay: 1,
          tries: 20,
          retryTime: 60_000,
          blockLength,
          requestLength: 1 << 17,
        };
        const source = await openHttpSource(server.url, { ...options, keptLength: 100_000 });
        for (const batch of batches) {
          const reads = batch.map(async ([one, other]) => {
            const [from, to] = [Math.min(one, other), Math.max(one, other)];
            const read = await source.read(from, to - from);
            return Buffer.compare(read, bytes.subarray(from, to));
          });
          expect(new Set(await Promise.all(reads))).toEqual(new Set([0]));
        }
        source.close();
      },
    ),
    { numRuns: 25 },
  );
});
