import { mkdirSync, writeFileSync } from "node:fs";

interface Unhandled {
  readonly message: string;
  readonly stack?: string;
}

/** A reporter that writes down errors outside of all tests, which fail a run and are in none of Vitest's reports. */
export default class UnhandledErrors {
  onTestRunEnd(_modules: readonly unknown[], errors: readonly Unhandled[]): void {
    mkdirSync("coverage", { recursive: true });
    const told = errors.map(({ message, stack }) => stack ?? message);
    writeFileSync("coverage/unhandled.json", JSON.stringify(told));
  }
}
