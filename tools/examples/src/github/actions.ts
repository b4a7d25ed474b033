// The actions that the example uses, as far as their documentation says what they do.
import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";

/** What jobs leave for each other. */
export interface Storage {
  /** What is checked out. */
  readonly repository: string;
  /** Folders named after artifacts, and after keys of the cache. */
  readonly artifacts: string;
  readonly caches: string;
}

/** Inputs of a step, evaluated. */
export type Inputs = Readonly<Record<string, string>>;

function isShown(path: string): boolean {
  return !basename(path).startsWith(".");
}

type Action = (inputs: Inputs, cwd: string, storage: Storage) => (() => void) | undefined;

const actions: Readonly<Record<string, Action>> = {
  "actions/checkout": (_inputs, cwd, { repository }) => {
    cpSync(repository, cwd, { recursive: true });
    return undefined;
  },
  "actions/setup-node": () => undefined,
  // Saves when the job has ended, unless there was something under that very key.
  "actions/cache": ({ path = "", key = "", "restore-keys": prefix }, cwd, { caches }) => {
    const kept = existsSync(caches) ? readdirSync(caches) : [];
    const name =
      kept.find((each) => each === key) ??
      kept.find((each) => prefix !== undefined && each.startsWith(prefix));
    if (name !== undefined) cpSync(join(caches, name), join(cwd, path), { recursive: true });
    return name === key ? undefined : () => cpSync(join(cwd, path), join(caches, key), { recursive: true });
  },
  // Hidden files are left out, and so is what is in hidden folders.
  "actions/upload-artifact": ({ name = "", path = "" }, cwd, { artifacts }) => {
    const target = join(artifacts, name);
    if (existsSync(target)) throw new Error(`an artifact ${name} is there already`);
    cpSync(join(cwd, path), target, { recursive: true, filter: isShown });
    return undefined;
  },
  // With a name its files, with a pattern a folder for each artifact.
  "actions/download-artifact": ({ name, pattern, path = "" }, cwd, { artifacts }) => {
    const target = join(cwd, path);
    mkdirSync(target, { recursive: true });
    if (name !== undefined) cpSync(join(artifacts, name), target, { recursive: true });
    const prefix = (pattern ?? "").replace(/\*$/, "");
    const names =
      pattern === undefined ? [] : readdirSync(artifacts).filter((each) => each.startsWith(prefix));
    for (const each of names) cpSync(join(artifacts, each), join(target, each), { recursive: true });
    return undefined;
  },
};

/** Does what an action does, and returns what it does when the job has ended. @throws Error for others. */
export function runAction(
  uses: string,
  inputs: Inputs,
  cwd: string,
  storage: Storage,
): (() => void) | undefined {
  const action = actions[uses.split("@")[0] ?? ""];
  if (action === undefined) throw new Error(`the action ${uses} is not known here`);
  return action(inputs, cwd, storage);
}
