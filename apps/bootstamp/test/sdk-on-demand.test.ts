// AWS's SDK is large: only what talks to S3 waits for it.
import { join } from "node:path";
import { buildImage } from "@bootstamp/test-images";
import { expect, test } from "vitest";
import { spawnCommand, type Outcome } from "./support/command.ts";
import { workplace, writeText } from "./support/workplace.ts";

const hook = `
import { registerHooks } from "node:module";
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith("@aws-sdk/")) throw new Error("the SDK was asked for");
    return next(specifier, context);
  },
});
`;

async function runWithoutSdk(...words: readonly string[]): Promise<Outcome> {
  const path = writeText(join(workplace(), "no-sdk.mjs"), hook);
  return await spawnCommand(words, { environment: { NODE_OPTIONS: `--import=${path}` } });
}

test("help, and images that are files here, do without AWS's SDK", async () => {
  const { path } = await buildImage("tiny", { boot: "ext4" });
  expect(await runWithoutSdk("publish", "--help")).toMatchObject({ status: 0, err: "" });
  expect(await runWithoutSdk("ls", path)).toMatchObject({ status: 0, err: "" });
});

test("an object in S3 does not", async () => {
  const { status, err } = await runWithoutSdk("ls", "s3://bucket/image.gz");
  expect(status).toBe(1);
  expect(err).toContain("the SDK was asked for");
});
