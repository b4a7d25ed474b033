import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHttpSource, openHttpStream } from "@bootstamp/http-source";
import { findTool, freePorts, requires } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quick, someBytes } from "./file-server.ts";

const bytes = someBytes(3_000_000);

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe("nginx", requires("nginx"), () => {
  const folder = mkdtempSync(join(tmpdir(), "bootstamp-nginx-"));
  const image = join(folder, "image");
  let nginx: ChildProcess;
  let base = "";

  beforeAll(async () => {
    writeFileSync(image, bytes);
    const [port = 0] = await freePorts(1);
    base = `http://127.0.0.1:${port}`;
    // One process as whoever runs the test, with nothing of the system's.
    const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    );
    const configuration = `
      daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
      events {}
      http {
        access_log off; ${places.join(" ")}
        server {
          listen 127.0.0.1:${port}; root ${folder};
          location /whole/ { alias ${folder}/; max_ranges 0; }
          location /moved { return 302 /image; }
        }
      }`;
    writeFileSync(join(folder, "configuration"), configuration);
    nginx = spawn(
      findTool("nginx") ?? "nginx",
      ["-p", folder, "-e", "stderr", "-c", join(folder, "configuration")],
      {
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
    while (nginx.exitCode === null && !(await listens(port)))
      await new Promise((resolve) => setTimeout(resolve, 20));
  });

  afterAll(async () => {
    nginx.kill();
    if (nginx.exitCode === null) await once(nginx, "exit");
    rmSync(folder, { recursive: true });
  });

  test("serves ranges", async () => {
    const source = await openHttpSource(`${base}/moved`, { ...quick, blockLength: 65_536 });
    expect(source.length).toBe(bytes.length);
    expect(source.etag).toMatch(/^"/);
    for (const [offset, length] of [
      [2_999_999, 1],
      [1000, 10],
      [65_535, 700_000],
      [0, bytes.length],
    ] as const)
      expect(Buffer.compare(await source.read(offset, length), bytes.subarray(offset, offset + length))).toBe(
        0,
      );
    expect(source.counters.bytes).toBe(bytes.length);
    source.close();
  });

  test("without ranges is read as a whole", async () => {
    await expect(openHttpSource(`${base}/whole/image`, quick)).rejects.toMatchObject({
      code: "HTTP_NO_RANGES",
    });
    const stream = await openHttpStream(`${base}/whole/image`, quick);
    const parts: Uint8Array[] = [];
    for await (const part of stream) parts.push(part);
    expect(Buffer.compare(Buffer.concat(parts), bytes)).toBe(0);
    expect(stream.length).toBe(bytes.length);
  });

  test("with no bytes, or without the file", async () => {
    writeFileSync(join(folder, "empty"), "");
    expect((await openHttpSource(`${base}/empty`, quick)).length).toBe(0);
    await expect(openHttpSource(`${base}/none`, quick)).rejects.toMatchObject({ code: "HTTP_NOT_FOUND" });
  });

  test("says when the file was replaced", async () => {
    const source = await openHttpSource(`${base}/image`, { ...quick, blockLength: 65_536 });
    writeFileSync(join(folder, "next"), bytes.subarray(1));
    renameSync(join(folder, "next"), image);
    await expect(source.read(1_000_000, 1)).rejects.toMatchObject({ code: "HTTP_CHANGED" });
    source.close();
  });
});
