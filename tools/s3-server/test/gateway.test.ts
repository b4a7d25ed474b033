import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gatewayTools, startGateway } from "@bootstamp/s3-server";
import { requires } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";

async function refusal(endpoint: string): Promise<unknown> {
  const socket = connect(Number(new URL(endpoint).port), "127.0.0.1");
  try {
    return await Promise.race([once(socket, "error"), once(socket, "connect")]);
  } catch (error) {
    return [error];
  } finally {
    socket.destroy();
  }
}

const refused = [expect.objectContaining({ code: "ECONNREFUSED" })];

describe("a gateway", requires(...gatewayTools), () => {
  test("starts, answers as S3 does, and is gone when stopped", async () => {
    const gateway = await startGateway();
    const answer = await fetch(`${gateway.endpoint}/bucket/key`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain("<Code>NoSuchBucket</Code>");
    await gateway.stop();
    expect(await refusal(gateway.endpoint)).toEqual(refused);
    expect(existsSync(gateway.folder)).toBe(false);
  });

  test("is gone soon after whoever started it was killed", async () => {
    const script = fileURLToPath(new URL("fixtures/hold-gateway.ts", import.meta.url));
    const holder = spawn(process.execPath, [...process.execArgv, script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line]: Buffer[] = await once(holder.stdout, "data");
    const { endpoint, folder } = JSON.parse(String(line));
    expect(existsSync(folder)).toBe(true);
    holder.kill("SIGKILL");
    while (existsSync(folder)) await sleep(50);
    expect(await refusal(endpoint)).toEqual(refused);
  });
});
