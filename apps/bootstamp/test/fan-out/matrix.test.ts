import { join } from "node:path";
import { expect, test } from "vitest";
import { eventsOf, runCommand } from "../support/command.ts";
import { specOf, workplace, writeText } from "../support/workplace.ts";

/** No base: a matrix is made before there is one. */
function specWith(count: number): string {
  const rows = Array.from({ length: count }, (_, index) => ({ serial: `0${index}` }));
  const variants = [{ name: "pi {{ row.serial }}", rows }];
  const output = { name: "pi-{{ row.serial }}" };
  return writeText(join(workplace(), "spec.yaml"), specOf("nowhere.raw", { variants, output }));
}

async function matrix(...words: readonly string[]): Promise<string> {
  const outcome = await runCommand(["matrix", ...words]);
  expect(outcome).toMatchObject({ status: 0, err: "" });
  expect(outcome.out.trimEnd()).not.toContain("\n");
  return outcome.out;
}

test("GitHub gets the JSON of a matrix, by variant or by shard", async () => {
  const spec = specWith(3);
  expect(JSON.parse(await matrix(spec))).toEqual({ variant: ["pi 00", "pi 01", "pi 02"] });
  expect(JSON.parse(await matrix(spec, "--shards", "2"))).toEqual({ shard: ["1/2", "2/2"] });
  expect(JSON.parse(await matrix(spec, "--shards", "9"))).toEqual({ shard: ["1/3", "2/3", "3/3"] });
});

test("GitLab gets a line of YAML that may be appended to a pipeline", async () => {
  const line = await matrix(specWith(2), "--for", "gitlab");
  const json = line.replace(/^\.bootstamp: /, "");
  expect(JSON.parse(json)).toEqual({ parallel: { matrix: [{ VARIANT: ["pi 00", "pi 01"] }] } });
  expect(await matrix(specWith(5), "--for", "gitlab", "--shards", "2")).toContain('{"SHARD":["1/2","2/2"]}');
});

test("more jobs than the system takes are refused, with the way out", async () => {
  const spec = specWith(257);
  const outcome = await runCommand(["matrix", spec]);
  expect(outcome).toMatchObject({ status: 2, out: "" });
  expect(outcome.err).toContain(
    "257 jobs, and a matrix of github has at most 256: say --shards 256 or fewer",
  );
  await matrix(spec, "--shards", "256");
  expect(await runCommand(["matrix", spec, "--shards", "0"])).toMatchObject({ status: 2 });
  const events = eventsOf(await runCommand(["matrix", spec, "--shards", "2", "--json"]));
  expect(events).toEqual([{ event: "matrix", text: '{"shard":["1/2","2/2"]}', variants: 257 }]);
});
