import { expandVariants, loadSpec, renderVariant, SpecError } from "@bootstamp/variants";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { complaints, head, render, scratch } from "./scratch.ts";

const value = "hunter2-Zx";

/** Everything of a value that a program could print. */
function printed(thing: unknown): string {
  return JSON.stringify(thing) + inspect(thing, { depth: 20, showHidden: true }) + String(thing);
}

const spec = `${head}secrets:
  wifi: { env: WIFI_PSK }
  key: { file: "keys/{{ row.id }}.pem" }
variants:
  - name: "pi-{{ row.id }}"
    rows: [{ id: 1 }, { id: 2 }]
    edits:
      - write: { path: /wifi, content: "psk={{ secret.wifi }}" }
      - write: { path: /key, template: key.tmpl, mode: "0600" }
      - append-line: { path: /x, line: "{{ secret.wifi | base64 }}" }
      - ignition: { content: '{"ignition":{"version":"3.4.0"},"x":{{ secret.wifi | json }}}' }
      - cloud-init: { user-data: { content: "#cloud-config\\n# {{ secret.wifi }}\\n" } }
      - write: { path: /plain, content: x }
`;
const files = { "key.tmpl": "{{ secret.key | trim }}", "keys/1.pem": "one\n", "keys/2.pem": `${value}\n` };
const environment = { WIFI_PSK: value };

test("secrets reach the contents of files, from the environment and from a file per row", async () => {
  const [one, two] = await render(spec, files, { environment });
  expect(one?.edits[0]).toMatchObject({ content: new TextEncoder().encode(`psk=${value}`) });
  expect(one?.edits[1]).toMatchObject({ content: new TextEncoder().encode("one"), mode: 0o600 });
  expect(two?.edits[1]).toMatchObject({ content: new TextEncoder().encode(value) });
  expect(one?.edits[2]).toMatchObject({ line: Buffer.from(value).toString("base64") });
});

test("notes say which edits hold a secret, and nothing of it", async () => {
  const [one] = await render(spec, files, { environment });
  expect(one?.notes.map(({ secret }) => secret)).toEqual([true, true, true, true, true, true, false]);
  expect(one?.notes[0]?.summary).toBe("write /wifi, with a secret in it");
  expect(one?.notes.at(-1)?.summary).toBe("write /plain, 1 bytes");
  const base64 = Buffer.from(value).toString("base64");
  for (const text of [value, base64]) expect(printed({ ...one, edits: [] })).not.toContain(text);
});

test("the spec and its plans do not hold a secret that a log could show", async () => {
  const folder = scratch({ "spec.yaml": spec, ...files });
  const loaded = await loadSpec(join(folder, "spec.yaml"), { environment });
  const plans = expandVariants(loaded);
  for (const plan of plans) await renderVariant(loaded, plan);
  const { environment: _, ...shown } = {
    environment,
    loaded: JSON.stringify(loaded),
    plans: JSON.stringify(plans),
  };
  expect(printed(shown)).not.toContain(value);
});

async function idOf(psk: string): Promise<string> {
  const [one] = await render(spec, files, { environment: { WIFI_PSK: psk } });
  const edit = one?.edits.find((each) => "path" in each && each.path === "/meta-data");
  return edit?.verb === "write" ? new TextDecoder().decode(edit.content) : "";
}

test("an instance-id, which everyone on the machine can read, does not depend on a secret", async () => {
  expect(await idOf("a")).toMatch(/^instance-id: iid-[0-9a-f]{16}\n$/);
  expect(await idOf("a")).toBe(await idOf("b"));
});

test("identities differ when a secret does", async () => {
  const [a] = await render(spec, files, { environment: { WIFI_PSK: "a" } });
  const [b] = await render(spec, files, { environment: { WIFI_PSK: "b" } });
  expect(a?.contentIdentity).not.toBe(b?.contentIdentity);
  expect(a?.contentIdentity).not.toBe(createHash("sha256").update("psk=a").digest("hex"));
});

test.each([
  [{}, "is not set"],
  [{ WIFI_PSK: "" }, "is empty"],
])("a secret that is missing is named by its variable: %j", async (given, fault) => {
  const [line] = await complaints(spec, files, { environment: given });
  expect(line).toBe(
    `spec.yaml:4:9: the secret "wifi": the environment variable WIFI_PSK ${fault} (variant "pi-1")`,
  );
});

test("a secret that no template asks for is not looked for", async () => {
  const unused = `${head}secrets: { a: { env: NOT_SET }, b: { file: /nowhere } }\nvariants: [{ name: a }]\n`;
  expect(await complaints(unused)).toEqual([]);
});

test("the path of a secret's file is confined, and has the names of its variants", async () => {
  const of = (path: string) => spec.replace('"keys/{{ row.id }}.pem"', JSON.stringify(path));
  expect((await complaints(of("/etc/passwd"), files, { environment }))[0]).toMatch(
    /^spec\.yaml:5:8: \/etc\/passwd is outside the folder/,
  );
  expect(await complaints(of("keys/{{ row.idd }}"), files, { environment })).toEqual([
    'spec.yaml:5:22: unknown name "row.idd": "idd" is not in row, did you mean "id"?',
  ]);
  expect(await complaints(of("keys/{{ secret.wifi }}"), files, { environment })).toEqual([
    'spec.yaml:5:22: unknown name "secret.wifi": "wifi" is not in secret',
  ]);
  expect((await complaints(spec, { ...files, "keys/1.pem": "" }, { environment }))[0]).toBe(
    'spec.yaml:5:8: the secret "key": the file keys/1.pem is empty (variant "pi-1")',
  );
});

test.each([
  ["a path", 'mkdir: "/{{ secret.s }}"'],
  ["a host path", 'write: { path: /f, file: "{{ secret.s }}" }'],
  ["a link's target", 'link: { path: /f, target: "{{ secret.s }}" }'],
  ["kernel arguments", 'kargs: { append: ["k={{ secret.s }}"] }'],
  ["an environment block", 'grubenv: { set: { k: "{{ secret.s }}" } }'],
  ["config.txt", 'config-txt: { set: { k: "{{ secret.s | sha256 }}" } }'],
])("a secret may not stand in %s, which is printed", async (_, edit) => {
  const one = `${head}secrets: { s: { env: S } }\nvariants:\n  - name: a\n    edits:\n      - ${edit}\n`;
  expect(await complaints(one, {}, { environment: { S: value } })).toEqual([
    expect.stringMatching(/^spec\.yaml:7:\d+: "secret\.s" may stand only in contents of files/),
  ]);
});

test("a secret may not stand in names", async () => {
  const one = `${head}secrets: { s: { env: S } }\noutput: { name: "{{ secret.s }}" }\nvariants: [{ name: "{{ secret.s }}" }]\n`;
  expect(await complaints(one, {}, { environment: { S: value } })).toEqual([
    expect.stringMatching(/^spec\.yaml:4:18: "secret\.s" may stand only/),
    expect.stringMatching(/^spec\.yaml:5:21: "secret\.s" may stand only/),
  ]);
});

test.each([
  ["JSON that a secret breaks", `ignition: { content: '{"ignition":{{ secret.s }}}' }`],
  ["a version that is one", `ignition: { content: '{"ignition":{"version":"{{ secret.s }}"}}' }`],
  ["user-data that starts with one", `cloud-init: { user-data: { content: "#{{ secret.s }}" } }`],
  ["a line with a line end", `append-line: { path: /f, line: "{{ secret.s }}\\n" }`],
])("no error quotes a secret: %s", async (_, edit) => {
  const one = `${head}secrets: { s: { env: S } }\nvariants:\n  - name: a\n    edits:\n      - ${edit}\n`;
  const loaded = await loadSpec(join(scratch({ "spec.yaml": one }), "spec.yaml"), {
    environment: { S: value },
  });
  const [plan] = expandVariants(loaded);
  const error = await renderVariant(loaded, plan as NonNullable<typeof plan>).catch(
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(SpecError);
  expect(printed(error)).not.toContain(value);
  expect((error as SpecError).code).toBe("SPEC_EDIT");
});

test("what an edit quotes of a file that an earlier one wrote is concealed, in part or whole", async () => {
  const odd = 'pa"ss\\wörd\nsecond line of it';
  const [one] = await render(spec, files, { environment: { WIFI_PSK: odd } });
  const conceal = one?.conceal ?? String;
  expect(conceal(`/cmdline.txt: got ${odd}, ${JSON.stringify(odd)}`)).toBe(
    "/cmdline.txt: got [secret], [secret]",
  );
  expect(conceal(`got "${odd.slice(0, 9)}..."`)).toBe('got "[secret]..."');
  expect(conceal(`got ${Buffer.from(odd).toString("base64")}`)).toBe("got [secret]");
  expect(conceal("no such file, expected 1024 bytes")).toBe("no such file, expected 1024 bytes");
});

test("a short secret is concealed whole, and nothing where there is none", async () => {
  const [short] = await render(spec, files, { environment: { WIFI_PSK: "1234" } });
  expect(short?.conceal("pin=1234 of 123")).toBe("pin=[secret] of 123");
  const [none] = await render(`${head}variants: [{ name: a }]\n`);
  expect(none?.conceal("anything at all")).toBe("anything at all");
});
