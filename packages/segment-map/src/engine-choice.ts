import type { EncodeChoice } from "./stream-format.ts";

const description = /^(\S+) .+ level (\d{1,2})$/;

/** Engine and level of a description as a map keeps it, `libdeflate 0.1.0 level 5`; undefined for any other. */
export function choiceOfEngine(text: string | undefined): Pick<EncodeChoice, "engine" | "level"> | undefined {
  const [, engine, level] = description.exec(text ?? "") ?? [];
  return engine === undefined ? undefined : { engine, level: Number(level) };
}
