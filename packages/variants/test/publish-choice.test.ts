import { loadSpec, type PublishChoice } from "@bootstamp/variants";
import { join } from "node:path";
import { expect, test } from "vitest";
import { complaints, head, scratch } from "./scratch.ts";

const specWith = (publish: string): string => `${head}variants: [{ name: plain }]\npublish: ${publish}\n`;

async function choicesOf(publish: string): Promise<readonly PublishChoice[]> {
  return (await loadSpec(join(scratch({ "spec.yaml": specWith(publish) }), "spec.yaml"))).publish;
}

test("a bucket alone is enough", async () => {
  expect(await choicesOf("[]")).toEqual([]);
  expect(await choicesOf("[{ s3: { bucket: images } }]")).toMatchObject([
    {
      position: { line: 4, column: 17 },
      bucket: "images",
      prefix: "",
      latest: true,
      bases: [],
      equalParts: false,
      checksums: "when-supported",
      checksumAlgorithm: "crc64nvme",
      settings: {},
      overwrite: false,
    },
  ]);
});

test("everything can be said, in several places, texts as they are written", async () => {
  const first = [
    "bucket: a, prefix: os/fcos, endpoint: 'http://127.0.0.1:9000', region: eu, profile: ci, release: '41'",
    "latest: false, base: 's3://images/base.gz', equal-parts: true, checksums: none",
    "checksum-algorithm: crc32, content-type: application/gzip, content-disposition: attachment",
    "cache-control: max-age=60, storage-class: STANDARD_IA, tags: { version: 1.10, team: os }",
    "sse: aws:kms, sse-kms-key-id: key, overwrite: true, keep: 3",
  ].join(", ");
  const second = "{ s3: { bucket: b, base: [s3://images/b.gz, s3://images/b.zst] } }";
  expect(await choicesOf(`[{ s3: { ${first} } }, ${second}]`)).toMatchObject([
    {
      prefix: "os/fcos",
      endpoint: "http://127.0.0.1:9000",
      region: "eu",
      profile: "ci",
      release: "41",
      latest: false,
      bases: ["s3://images/base.gz"],
      equalParts: true,
      checksums: "none",
      checksumAlgorithm: "crc32",
      settings: {
        contentType: "application/gzip",
        contentDisposition: "attachment",
        cacheControl: "max-age=60",
        storageClass: "STANDARD_IA",
        tags: { version: "1.10", team: "os" },
        encryption: "aws:kms",
        kmsKeyId: "key",
      },
      overwrite: true,
      keep: 3,
    },
    { bases: ["s3://images/b.gz", "s3://images/b.zst"] },
  ]);
});

const endpoint = "an endpoint is a URL of http or https, without a name, password or query in it";

test.each([
  [
    "[{ s3: { buckt: a } }]",
    '4:17: "bucket" is missing',
    '4:19: unknown key "buckt", did you mean "bucket"?',
  ],
  ["[{ s4: {} }]", '4:13: unknown key "s4", did you mean "s3"?'],
  ["[{}]", '4:11: one of "s3" is needed'],
  ["[{ s3: { bucket: a, endpoint: 'https://me:secret@host' } }]", `4:40: ${endpoint}`],
  ["[{ s3: { bucket: a, endpoint: host } }]", `4:40: ${endpoint}`],
  ["[{ s3: { bucket: a, prefix: /x } }]", "4:38: a prefix does not begin with a slash"],
  ["[{ s3: { bucket: a, checksums: nune } }]", '4:41: unknown value "nune", did you mean "none"?'],
  ["[{ s3: { bucket: a, keep: 0 } }]", "4:36: expected 1 or more, got 0"],
  ["[{ s3: { bucket: a, base: base.gz } }]", "4:36: a base on the server is named s3://BUCKET/KEY"],
  [
    "[{ s3: { bucket: a, release: a/b } }]",
    `4:39: a release has a name without "/" and control characters, of at most 255 characters, which is not "bases"`,
  ],
  [
    "[{ s3: { bucket: a, release: bases } }]",
    `4:39: a release has a name without "/" and control characters, of at most 255 characters, which is not "bases"`,
  ],
  [
    "[{ s3: { bucket: a, sse: AES256, sse-kms-key-id: k } }]",
    '4:43: "sse-kms-key-id" needs "sse" to be aws:kms or aws:kms:dsse',
  ],
  [
    "[{ s3: { bucket: a, tags: { v: '{{ variant }}' } } }]",
    '4:42: templates are not expanded in tags: "{{" cannot be here',
  ],
])("%s is refused", async (publish, ...expected) => {
  const lines = await complaints(specWith(publish));
  expect(lines.map((line) => line.replace(/^spec\.yaml:/, ""))).toEqual(expected);
  expect(lines.join("\n")).not.toContain("secret");
});
