import { expect, test } from "vitest";
import { planOf } from "./layouts.ts";

// Made by genimage 16 of hdimages with the same keys, and read by sfdisk: number, first sector, sectors.
// The name of an image is its length. genimage's images start behind the table, ours at 1 MiB without "first".
test.each([
  [
    "table: mbr\nalign: 64K\nfirst: 512\n",
    [
      "image: '20591', align: 2M",
      "size: 15M, align: 2M",
      "offset: 32M, size: 18M",
      "size: 11M",
      "size: 20M",
      "image: '8665'",
      "size: 4M",
    ],
    [
      "1 4096 4096",
      "2 8192 30720",
      "3 65536 36864",
      "4 102400 72320",
      "5 102528 22528",
      "6 125184 40960",
      "7 166272 128",
      "8 166528 8192",
    ],
  ],
  [
    "table: mbr\nalign: 1M\nfirst: 512\n",
    [
      "image: '17007'",
      "image: '7270'",
      "offset: 4M, size: 20M",
      "size: 10M, align: 2M",
      "size: 7M",
      "size: 2M",
      "size: 6M, align: 2M",
    ],
    [
      "1 2048 2048",
      "2 4096 2048",
      "3 8192 40960",
      "4 51200 59392",
      "5 53248 20480",
      "6 75776 14336",
      "7 92160 4096",
      "8 98304 12288",
    ],
  ],
  [
    "table: mbr\nalign: 4K\nfirst: 512\n",
    [
      "offset: 19M, image: '2689'",
      "image: '7021'",
      "offset: 38M, size: 18M",
      "image: '12127', align: 2M",
      "size: 18M",
      "size: 18M, align: 2M",
    ],
    [
      "1 38912 8",
      "2 38920 16",
      "3 77824 36864",
      "4 118776 81928",
      "5 118784 4096",
      "6 122888 36864",
      "7 163840 36864",
    ],
  ],
  [
    "table: gpt\nalign: 64K\nfirst: 17K\n",
    ["image: '5986', align: 2M", "offset: 34M, size: 9M", "size: 14M", "image: '17299', align: 2M"],
    ["1 4096 4096", "2 69632 18432", "3 88064 28672", "4 118784 4096"],
  ],
])("genimage places the partitions of %j %j alike", (head, partitions, expected) => {
  const text = `version: 1\n${head}partitions:\n${partitions.map((each) => `  - { ${each} }\n`).join("")}`;
  const { table } = planOf(text, {
    storedAlignment: 1,
    contentLength: (content) => (content.kind === "image" ? Number(content.path) : undefined),
  });
  expect(
    table.partitions.map(({ number, offset, length }) => `${number} ${offset / 512} ${length / 512}`),
  ).toEqual(expected);
});
