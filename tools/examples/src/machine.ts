import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, toolPath } from "@bootstamp/witnesses";

const main = fileURLToPath(new URL("../../../apps/bootstamp/src/main.ts", import.meta.url));

/** Where the scripts of examples run: with `bootstamp` from these sources on the PATH. */
export interface Machine {
  /** Runs a script as CI systems do, by `bash -e`, and returns what it printed. @throws Error if it fails. */
  script(text: string, cwd: string, environment: Readonly<Record<string, string>>): Promise<string>;
  /** Runs a command, without a shell. @throws Error if it fails. */
  command(
    words: readonly string[],
    cwd: string,
    environment?: Readonly<Record<string, string>>,
  ): Promise<string>;
}

/**
 * Makes a machine in an empty folder. There `npm ci` has been done: it does nothing, and `npx` runs what is named,
 * since no registry has these sources.
 */
export function makeMachine(folder: string): Machine {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  const commands = {
    bootstamp: `exec '${process.execPath}' --conditions=@bootstamp/source '${main}' "$@"`,
    npx: 'exec "$@"',
    npm: '[ "$*" = ci ]',
  };
  for (const [name, text] of Object.entries(commands))
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const path = `${bin}:${toolPath()}`;
  const command: Machine["command"] = async ([name = "", ...args], cwd, environment = {}) =>
    await run(name, args, { cwd, env: { ...environment, PATH: path } });
  return {
    command,
    script: async (text, cwd, environment) => await command(["bash", "-e", "-c", text], cwd, environment),
  };
}
