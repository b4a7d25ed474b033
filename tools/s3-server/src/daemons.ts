import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

const path = `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`;
const env = { ...process.env, LC_ALL: "C", PATH: path };

/** Processes that end with this one, whatever ends it. */
export class Daemons {
  readonly #children = new Set<ChildProcess>();

  /** Starts one that stays. What it prints is kept for `failed`. */
  start(command: string, args: readonly string[]): { readonly failed: Promise<never> } {
    const child = this.#spawn(command, args);
    const complaints = text(child.stderr);
    child.stdout.resume();
    const failed = once(child, "exit").then(async ([status]: unknown[]) => {
      throw new Error(`${command} ended with ${String(status)}: ${(await complaints).slice(-2000)}`);
    });
    // Looked at only while the next step waits for it.
    failed.catch(() => undefined);
    return { failed };
  }

  /** Runs one to its end. @throws Error with what it printed, if it fails or takes longer than a minute. */
  async run(command: string, args: readonly string[]): Promise<void> {
    const child = this.#spawn(command, args);
    const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
    const [[status], printed, complaints] = await Promise.all([
      once(child, "close"),
      text(child.stdout),
      text(child.stderr),
    ]);
    clearTimeout(timer);
    if (status === 0) return;
    throw new Error(
      `${command} ${args.join(" ")} ended with ${status}\n${complaints}${printed}`.slice(0, 4000),
    );
  }

  /** Ends all of them and waits until they are gone. There is nothing to save: they keep everything in memory. */
  async kill(): Promise<void> {
    await Promise.all(
      [...this.#children].map(async (child) => {
        const gone = once(child, "exit");
        child.kill("SIGKILL");
        await gone;
      }),
    );
  }

  #spawn(command: string, args: readonly string[]) {
    // The kernel ends it when this process ends in a way that runs no handler.
    const child = spawn("setpriv", ["--pdeathsig", "KILL", command, ...args], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
    return child;
  }
}
