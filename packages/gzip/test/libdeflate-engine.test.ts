import { gzip } from "@bootstamp/gzip";
import { expect, test } from "vitest";

// In a file of its own: libdeflate is loaded once a process, and here nobody has loaded it yet.
test("loading libdeflate leaves the process's own handlers of errors alone", async () => {
  const before = handlerCounts();
  await gzip.createEncoder(gzip.settle({ engine: "libdeflate" }));
  expect(handlerCounts()).toEqual(before);
});

function handlerCounts(): number[] {
  return ["uncaughtException", "unhandledRejection"].map((event) => process.listenerCount(event));
}
