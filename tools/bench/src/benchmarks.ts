import type { Benchmark } from "./benchmark.ts";
import { bootLast } from "./benchmarks/boot-last.ts";
import { bootOverHttp } from "./benchmarks/boot-over-http.ts";
import { compression } from "./benchmarks/compression.ts";
import { digests } from "./benchmarks/digests.ts";
import { imageSize } from "./benchmarks/image-size.ts";
import { manyVariants } from "./benchmarks/many-variants.ts";
import { memory } from "./benchmarks/memory.ts";
import { manyStamps } from "./benchmarks/many-stamps.ts";
import { oneVariant } from "./benchmarks/one-variant.ts";
import { publishing } from "./benchmarks/publishing.ts";
import { randomReads } from "./benchmarks/random-reads.ts";
import { splicing } from "./benchmarks/splicing.ts";
import { storedSize } from "./benchmarks/stored-size.ts";
import { unpacking } from "./benchmarks/unpacking.ts";

/** All of them, in the order of the document. Memory comes last: it counts what the others ran. */
export const benchmarks: readonly Benchmark[] = [
  compression,
  storedSize,
  oneVariant,
  splicing,
  digests,
  bootLast,
  manyVariants,
  manyStamps,
  imageSize,
  unpacking,
  randomReads,
  bootOverHttp,
  publishing,
  memory,
];

/** The benchmarks of these names, all if there are none. @throws RangeError for a name that there is not. */
export function chooseBenchmarks(names: readonly string[]): readonly Benchmark[] {
  const known = benchmarks.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RangeError(`no benchmark "${unknown}": there are ${known.join(", ")}`);
  return names.length === 0 ? benchmarks : benchmarks.filter(({ name }) => names.includes(name));
}
