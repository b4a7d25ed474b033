import { existsSync } from "node:fs";
import { connect } from "node:net";
import { gatewayTools, startGateway } from "@bootstamp/s3-server";
import { requires } from "@bootstamp/witnesses";
import { expect, test } from "vitest";

test("starts, answers as S3 does, and is gone when stopped", requires(...gatewayTools), async () => {
  const gateway = await startGateway();
  const port = Number(new URL(gateway.endpoint).port);
  const answer = await fetch(`${gateway.endpoint}/bucket/key`);
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain("<Code>NoSuchBucket</Code>");
  await gateway.stop();
  const refused = await new Promise((resolve) => {
    connect(port, "127.0.0.1").on("error", resolve);
  });
  expect(refused).toMatchObject({ code: "ECONNREFUSED" });
  expect(existsSync(gateway.folder)).toBe(false);
});
