import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NbdError, type NbdServeRequest, type NbdTls, parsePreSharedKeys, serve } from "@bootstamp/nbd";
import { requires, run } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { memoryExport, patterned } from "./memory-export.ts";
import { contextData, informationData, RawClient } from "./raw-client.ts";
import { scratchFolder, type Serving, serving } from "./serving.ts";

const length = 1 << 20;
const startTls = 5;
const tlsRequired = 0x80000005;

const folder = join(tmpdir(), `nbd-tls-${process.pid}`);

describe("certificates", requires("openssl"), () => {
  let certificates: Certificates;
  beforeAll(async () => {
    certificates = await makeCertificates(folder);
  });
  afterAll(async () => rm(folder, { recursive: true, force: true }));

  function credentials(more: { clientAuthority?: string } = {}): NbdTls["credentials"] {
    return { kind: "certificate", certificate: certificates.certificate, key: certificates.key, ...more };
  }

  async function secure(mode: NbdTls["mode"], more: Partial<NbdServeRequest> = {}): Promise<Serving> {
    const exported = memoryExport(length);
    exported.bytes.set(patterned(length));
    return serving(exported, {
      listener: { kind: "tcp", host: "localhost", port: 0 },
      tls: { mode, credentials: credentials() },
      ...more,
    });
  }

  test("required: nothing but STARTTLS and ABORT before it, everything after it", async () => {
    const server = await secure("required");
    const client = await RawClient.greeted(server.address);
    for (const option of [3, 6, 7, 8, 9, 10, 77, 11])
      expect(await client.ask(option, Buffer.alloc(option === 77 ? 70_000 : 0))).toMatchObject([
        { type: tlsRequired },
      ]);
    expect(await client.ask(startTls)).toMatchObject([{ type: 1 }]);
    await client.secure({ ca: certificates.authority, servername: "localhost" });
    expect(await client.ask(startTls)).toMatchObject([{ type: 0x80000003 }]);
    expect(await client.ask(7, informationData(""))).toMatchObject([{ type: 3 }, { type: 1 }]);
    const { data } = await client.demand({ command: 0, length });
    expect(data.equals(patterned(length))).toBe(true);
    expect(await client.demand({ command: 1, data })).toMatchObject({ error: 0 });
    client.request({ command: 2 });
    expect(await client.rest()).toHaveLength(0);
    expect(await server.event("secured")).toMatchObject({ protocol: "TLSv1.3" });
    expect(await server.event("disconnected")).not.toHaveProperty("fault");
  });

  test("required: EXPORT_NAME before it ends the connection, ABORT is acknowledged", async () => {
    const server = await secure("required");
    const client = await RawClient.greeted(server.address);
    client.sendOption(1);
    expect(await client.rest()).toHaveLength(0);
    const other = await RawClient.greeted(server.address);
    expect(await other.ask(2)).toMatchObject([{ type: 1 }]);
  });

  test("allowed: with it and without", async () => {
    const server = await secure("allowed");
    expect(server.uri()).toMatch(/^nbd:\/\/localhost:\d+\/$/);
    const plain = await RawClient.attached(server.address);
    expect(await plain.demand({ command: 0, length: 5 })).toMatchObject({ error: 0 });
    const secured = await RawClient.greeted(server.address);
    await secured.ask(startTls);
    await secured.secure({ ca: certificates.authority, servername: "localhost" });
    expect(await secured.ask(3)).toMatchObject([{ type: 2 }, { type: 1 }]);
  });

  test("what was agreed in the open is forgotten", async () => {
    const server = await secure("allowed");
    const client = await RawClient.greeted(server.address);
    await client.ask(8);
    await client.ask(10, contextData("", ["base:allocation"]));
    await client.ask(startTls);
    await client.secure({ ca: certificates.authority, servername: "localhost" });
    await client.ask(7, informationData(""));
    expect(await client.demand({ command: 0, length: 5 })).toMatchObject({ error: 0 });
  });

  test("words in the open after STARTTLS are not taken for words over TLS", async () => {
    const server = await secure("allowed");
    const client = await RawClient.greeted(server.address);
    client.sendOption(startTls, Buffer.from("IHAVEOPT"), 0);
    expect(await client.rest()).toHaveLength(0);
    expect(await server.event("disconnected")).toMatchObject({ fault: { code: "NBD_PROTOCOL" } });
  });

  test("no TLS after the acknowledgement ends the connection", async () => {
    const server = await secure("required");
    const client = await RawClient.greeted(server.address);
    await client.ask(startTls);
    client.sendOption(3);
    await client.rest();
    expect(await server.event("disconnected")).toMatchObject({ fault: { code: "NBD_TLS_FAILED" } });
    const other = await RawClient.greeted(server.address);
    expect(await other.ask(startTls)).toMatchObject([{ type: 1 }]);
    other.vanish();
  });

  test("silence after the acknowledgement is not waited for", async () => {
    const server = await secure("required", { limits: { handshakeMilliseconds: 100 } });
    const client = await RawClient.greeted(server.address);
    await client.ask(startTls);
    await client.rest();
    expect(await server.event("disconnected")).toMatchObject({ fault: { code: "NBD_CLIENT_SLOW" } });
  });

  test("a client without a certificate is sent away where they are asked for", async () => {
    const server = await secure("required", {
      tls: { mode: "required", credentials: credentials({ clientAuthority: certificates.authority }) },
    });
    const client = await RawClient.greeted(server.address);
    await client.ask(startTls);
    // With TLS 1.3 the client thinks itself through before the server has looked at what it shows.
    await client.secure({ ca: certificates.authority, servername: "localhost" }).catch(() => undefined);
    await client.rest();
    expect(await server.event("disconnected")).toMatchObject({ fault: { code: "NBD_TLS_FAILED" } });
    const known = await RawClient.greeted(server.address);
    await known.ask(startTls);
    await known.secure({
      ca: certificates.authority,
      servername: "localhost",
      cert: certificates.clientCertificate,
      key: certificates.clientKey,
    });
    expect(await known.ask(3)).toMatchObject([{ type: 2 }, { type: 1 }]);
  });

  test("a key that belongs to another certificate is refused before anybody connects", async () => {
    const tls: NbdTls = {
      mode: "required",
      credentials: {
        kind: "certificate",
        certificate: certificates.certificate,
        key: certificates.clientKey,
      },
    };
    const refused = serve({ exports: [], listener: { kind: "private" }, tls });
    await expect(refused).rejects.toThrow(expect.objectContaining({ code: "NBD_TLS_INVALID" }));
  });

  test("nbdinfo and nbdcopy over nbds", requires("nbdinfo", "nbdcopy"), async () => {
    const server = await secure("required", {
      tls: { mode: "required", credentials: credentials({ clientAuthority: certificates.authority }) },
    });
    const uri = `${server.uri()}?tls-certificates=${folder}`;
    expect(uri).toMatch(/^nbds:\/\/localhost:\d+\//);
    expect(await run("nbdinfo", [uri])).toContain("newstyle-fixed with TLS");
    const copy = join(await scratchFolder(), "copy");
    await run("nbdcopy", [uri, copy]);
    await run("cmp", [copy, "-"], { input: patterned(length) });
    await expect(run("nbdinfo", [server.uri().replace("nbds", "nbd")])).rejects.toThrow(/TLS/);
  });

  test("qemu-img with TLS on a Unix socket", requires("qemu-img"), async () => {
    const server = await secure("required", {
      listener: { kind: "private" },
      tls: { mode: "required", credentials: credentials({ clientAuthority: certificates.authority }) },
    });
    const { address } = server;
    const path = address.kind === "unix" ? address.path : "";
    const info = await run("qemu-img", [
      "info",
      "--object",
      `tls-creds-x509,id=tls0,endpoint=client,dir=${folder}`,
      "--image-opts",
      `driver=nbd,server.type=unix,server.path=${path},tls-creds=tls0,tls-hostname=localhost`,
    ]);
    expect(info).toContain("1 MiB");
  });
});

describe("pre-shared keys", () => {
  const key = "0123456789abcdef0123456789abcdef";
  const tls: NbdTls = {
    mode: "required",
    credentials: { kind: "pre-shared-keys", keys: parsePreSharedKeys(`alice:${key}\n`) },
  };

  test("let in who knows one", async () => {
    const server = await serving(memoryExport(length), { tls });
    const client = await RawClient.greeted(server.address);
    await client.ask(startTls);
    await client.secure({
      ciphers: "TLS_AES_128_GCM_SHA256:ECDHE-PSK-CHACHA20-POLY1305",
      pskCallback: () => ({ identity: "alice", psk: Buffer.from(key, "hex") }),
      checkServerIdentity: () => undefined,
    });
    expect(await client.ask(3)).toMatchObject([{ type: 2 }, { type: 1 }]);
  });

  test("nbdinfo by a key file, with the right key and with others", requires("nbdinfo"), async () => {
    const server = await serving(memoryExport(length), { tls });
    const scratch = await scratchFolder();
    const uriWith = async (line: string): Promise<string> => {
      const file = join(scratch, "keys.psk");
      await writeFile(file, line);
      return `${server.uri().replace("nbds+unix://", "nbds+unix://alice@")}&tls-psk-file=${file}`;
    };
    expect(await run("nbdinfo", [await uriWith(`alice:${key}\n`)])).toContain("newstyle-fixed with TLS");
    await expect(run("nbdinfo", [await uriWith(`alice:${"f".repeat(32)}\n`)])).rejects.toThrow(/nbdinfo/);
    const stranger = (await uriWith(`bob:${key}\n`)).replace("alice@", "bob@");
    await expect(run("nbdinfo", [stranger])).rejects.toThrow(/nbdinfo/);
    expect(await run("nbdinfo", [await uriWith(`alice:${key}\n`)])).toContain("newstyle-fixed with TLS");
  });

  test("a file of them", () => {
    const keys = parsePreSharedKeys(`# made by psktool\nalice:${key}\r\n\nbob:${key.toUpperCase()}${key}\n`);
    expect([...keys.keys()]).toEqual(["alice", "bob"]);
    expect(Buffer.from(keys.get("bob") ?? []).toString("hex")).toBe(key + key);
  });

  test.each([`alice`, `alice:`, `:${key}`, `alice:${key}0`, `alice:${key.slice(2)}`, `alice:xyz${key}`])(
    "a line %j is refused without being repeated",
    (line) => {
      const parse = (): unknown => parsePreSharedKeys(`bob:${key}\n${line}\n`);
      expect(parse).toThrow(
        expect.objectContaining({ code: "NBD_TLS_INVALID", message: expect.stringContaining("line 2") }),
      );
      expect(parse).not.toThrow(key.slice(2));
    },
  );

  test("none at all are refused", async () => {
    const none: NbdTls = { mode: "allowed", credentials: { kind: "pre-shared-keys", keys: new Map() } };
    await expect(serve({ exports: [], listener: { kind: "private" }, tls: none })).rejects.toThrow(NbdError);
  });
});
