// Runs the property tests over and over, each time with another seed, until one fails or the time is over.
//   soak.ts [MINUTES [WORDS...]]   of files whose paths have one of the words; of all in 60 minutes
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { relative } from "node:path";

const [minutes = "60", ...words] = process.argv.slice(2);
const deadline = performance.now() + Number(minutes) * 60_000;
if (Number.isNaN(deadline)) throw new TypeError(`${minutes} is no number of minutes`);

/** What draws its values by fast-check: itself, or through the suites that formats share. */
const drawing = /from "(?:fast-check|@bootstamp\/format-contract)"/;
const files = globSync("{packages,apps,tools}/*/test/**/*.test.ts").filter(
  (path) =>
    (words.length === 0 || words.some((word) => path.includes(word))) &&
    drawing.test(readFileSync(path, "utf8")),
);
const projects = Map.groupBy(files, (path) => path.split("/", 2).join("/"));

for (let round = 1; files.length > 0 && performance.now() < deadline; round++) {
  for (const [project, paths] of projects) {
    if (performance.now() >= deadline) break;
    const seed = randomInt(2 ** 31);
    const tests = paths.map((path) => relative(project, path));
    const config = relative(project, "vitest.config.ts");
    const { status, stdout } = spawnSync("vitest", ["run", "--config", config, "--root", ".", ...tests], {
      cwd: project,
      env: { ...process.env, PROPERTY_SEED: `${seed}` },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
      maxBuffer: 1 << 30,
    });
    console.log(`round ${round}, ${project}, seed ${seed}: ${status === 0 ? "passed" : "failed"}`);
    if (status === 0) continue;
    console.log(stdout);
    console.log(`again: cd ${project} && PROPERTY_SEED=${seed} npx vitest run --config ${config} --root .`);
    process.exit(1);
  }
}
if (files.length === 0) {
  console.error("no property test has such a path");
  process.exit(1);
}
