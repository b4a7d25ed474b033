import type { Benchmark } from "../benchmark.ts";
import { markdownTable } from "../markdown-table.ts";
import { mebibytesText } from "../quantity.ts";
import { readRecords } from "../records.ts";
import { editedVariant } from "../specs.ts";

const limitMebibytes = 400;

/** The most memory that each command took, in this run and, of the other benchmarks, in those that are kept. */
export const memory: Benchmark = {
  name: "memory",
  title: "Memory",
  run: async (site) => {
    const output = `${site.reflinkFolder ?? "."}/memory`;
    const stampable = await site.stampable("touched");
    await site.measure("bootstamp plan touched.yaml", []);
    await site.measure(`bootstamp build four.yaml -o ${output}`, [output]);
    await site.measure(`bootstamp verify ${output}/v1.gz`, []);
    await site.measure(`bootstamp inspect ${stampable}`, []);
    await site.measure(
      `bootstamp stamp ${stampable} --spec touched.yaml --variant ${editedVariant} -o variant.gz`,
      ["variant.gz"],
    );
    const earlier = [...readRecords().values()].flatMap(({ peaks }) => Object.entries(peaks));
    const all = new Map([...earlier, ...site.peaks]);
    const rows = [...all].map(([command, bytes]) => [`\`${command}\``, mebibytesText(bytes)]);
    const most = Math.max(...all.values()) / 2 ** 20;
    return {
      text: markdownTable(["command", ">peak resident memory"], rows),
      verdicts: [
        {
          what: "memory of any command",
          target: `${limitMebibytes} MiB at most`,
          measured: mebibytesText(most * 2 ** 20),
          met: most <= limitMebibytes,
        },
      ],
    };
  },
};
