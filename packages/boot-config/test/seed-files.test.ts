import { cloudInitFiles, ignitionFiles } from "@bootstamp/boot-config";
import { describe, expect, test } from "vitest";
import { errorOf } from "./fixture.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array | undefined): string => new TextDecoder().decode(content);

describe("ignition", () => {
  test("the config goes as it is to a file for root only", () => {
    const config = '{"ignition": {"version": "3.4.0"}, "é": 1}\n';
    const expected = [
      { path: "ignition/config.ign", content: bytes(config), mode: 0o600, directoryMode: 0o700 },
    ];
    expect(ignitionFiles(config)).toEqual(expected);
    expect(ignitionFiles(bytes(config))).toEqual(expected);
  });

  test.each([
    ["", "not JSON"],
    ["variant: fcos\nversion: 1.5.0\n", "Butane"],
    ["# c\n\nversion: 1.5.0\n", "Butane"],
    ["{}", "missing"],
    ["null", "missing"],
    ['{"ignition": {"version": 3}}', "3"],
    ['{"ignition": {"version": "three"}}', "three"],
    ['{"ignition": []}', "missing"],
  ])("refuses %j", (config, reason) => {
    const error = errorOf(() => ignitionFiles(config));
    expect(error.code).toBe("IGNITION_INVALID");
    expect(error.message).toContain(reason);
  });

  test("refuses what is not UTF-8 and shows nothing of a config", () => {
    expect(errorOf(() => ignitionFiles(Uint8Array.of(0xff))).code).toBe("IGNITION_INVALID");
    expect(errorOf(() => ignitionFiles('{"passwordHash": "s3cret" x')).message).not.toContain("s3cret");
  });
});

describe("cloud-init", () => {
  const userData = "#cloud-config\nhostname: a\n";

  test("user-data, meta-data and network-config", () => {
    const files = cloudInitFiles({ userData, networkConfig: "version: 2\n", instanceId: "node-1" });
    expect(files.map(({ path, content, mode }) => [path, text(content), mode])).toEqual([
      ["user-data", userData, 0o600],
      ["meta-data", "instance-id: node-1\n", 0o600],
      ["network-config", "version: 2\n", 0o600],
    ]);
    expect(
      cloudInitFiles({ userData, instanceId: "x", at: "/seed/./nocloud/" }).map(({ path }) => path),
    ).toEqual(["seed/nocloud/user-data", "seed/nocloud/meta-data"]);
  });

  test.each([
    ["local-hostname: a\n", "instance-id: i\nlocal-hostname: a\n"],
    ["---\nlocal-hostname: a\n", "---\ninstance-id: i\nlocal-hostname: a\n"],
    ["instance-id: mine\n", "instance-id: mine\n"],
    ["a: b\n'instance-id': mine\n", "a: b\n'instance-id': mine\n"],
    ["a:\n  instance-id: inner\n", "instance-id: i\na:\n  instance-id: inner\n"],
    ['{"a": 1}', '{"instance-id": "i", "a": 1}'],
    ["{}", '{"instance-id": "i"}'],
    ['{"instance-id": "mine"}', '{"instance-id": "mine"}'],
  ])("meta-data %j gets an instance-id where it has none", (metaData, expected) => {
    expect(text(cloudInitFiles({ userData, metaData, instanceId: "i" })[1]?.content)).toBe(expected);
  });

  test.each([
    ["123", '"123"'],
    ["true", '"true"'],
    ["a: b", '"a: b"'],
    ["i-0af.x_1", "i-0af.x_1"],
  ])("the instance-id %j is a string in YAML", (instanceId, expected) => {
    expect(text(cloudInitFiles({ userData, instanceId })[1]?.content)).toBe(`instance-id: ${expected}\n`);
  });

  test.each([
    "#!/bin/sh\n",
    "#include\nhttp://x\n",
    "## template: jinja\n#cloud-config\n",
    "#cloud-config\r\n",
    "MIME-Version: 1.0\n",
  ])("takes %j", (data) => {
    expect(cloudInitFiles({ userData: data, instanceId: "i" })[0]?.content).toEqual(bytes(data));
  });

  test("takes gzip", () => {
    expect(cloudInitFiles({ userData: Uint8Array.of(0x1f, 0x8b, 8), instanceId: "i" })).toHaveLength(2);
  });

  test.each([
    "",
    "# cloud-config\n",
    "hostname: a\n",
    "\n#cloud-config\n",
    "\uFEFF#cloud-config\n",
    "#cloud-configs\n",
  ])("refuses the user-data %j", (data) => {
    expect(errorOf(() => cloudInitFiles({ userData: data, instanceId: "i" })).code).toBe(
      "CLOUD_INIT_INVALID",
    );
  });

  test("refuses a missing or strange instance-id and a folder elsewhere", () => {
    expect(errorOf(() => cloudInitFiles({ userData })).code).toBe("CLOUD_INIT_INVALID");
    expect(errorOf(() => cloudInitFiles({ userData, instanceId: "a\nb" })).code).toBe("CLOUD_INIT_INVALID");
    expect(errorOf(() => cloudInitFiles({ userData, instanceId: "a", at: "../x" })).code).toBe(
      "CLOUD_INIT_INVALID",
    );
  });

  test("does not print what may be a secret", () => {
    expect(
      errorOf(() => cloudInitFiles({ userData: "password: s3cret\n", instanceId: "i" })).message,
    ).not.toContain("s3cret");
  });
});
