import { hasUnprintable, quote } from "@bootstamp/declaration";
import { readFile, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { BoundedCache } from "./bounded-cache.ts";
import { specError, type SpecPosition } from "./spec-error.ts";

/** A path that a spec names, resolved. */
export interface HostPath {
  /** Absolute, without symbolic links. */
  readonly real: string;
  /** As messages show it: below the spec's folder as the caller named it. */
  readonly shown: string;
}

/** A path, and where the spec names it. */
export interface PlacedPath {
  readonly path: string;
  readonly position: SpecPosition;
}

/** Contents of all variants are in memory while the base is prepared. */
const fileLengthLimit = 64 << 20;
const cacheLengthLimit = 32 << 20;

/**
 * The files of the host that a spec may read: those below its own folder, and below the roots that it allows.
 *
 * A table's cell can name a file: without the confinement, a table from elsewhere could copy any file of the machine
 * that builds into an image. Symbolic links are resolved before the check.
 * What is read is kept, up to 32 MiB in all, so that every variant sees the same bytes of a file.
 */
export class HostFiles {
  /** Absolute, without symbolic links. */
  readonly directory: string;
  readonly #shownDirectory: string;
  readonly #roots: readonly string[];
  readonly #contents = new BoundedCache<Uint8Array>(cacheLengthLimit, ({ length }) => length);

  private constructor(directory: string, shownDirectory: string, roots: readonly string[]) {
    this.directory = directory;
    this.#shownDirectory = shownDirectory;
    this.#roots = roots;
  }

  /**
   * `allowed` paths are relative to `directory`, which messages show as it is given here.
   *
   * @throws SpecError SPEC_UNREADABLE
   */
  static async open(
    { path: directory, position: start }: PlacedPath,
    allowed: readonly PlacedPath[],
  ): Promise<HostFiles> {
    const realDirectory = await realPath({ path: directory, position: start }, resolve(directory));
    const roots = [resolve(directory), realDirectory];
    for (const each of allowed) {
      const absolute = resolve(realDirectory, each.path);
      roots.push(absolute, await realPath(each, absolute));
    }
    return new HostFiles(realDirectory, directory, roots);
  }

  /** @throws SpecError SPEC_UNREADABLE, SPEC_PATH_OUTSIDE */
  async resolve(path: string, position: SpecPosition): Promise<HostPath> {
    const shown = isAbsolute(path) ? path : join(this.#shownDirectory, path);
    if (path === "" || hasUnprintable(path))
      throw specError("SPEC_VALUE", position, `${quote(path)} is no path of a file`);
    // Before the file is looked for: whether a file outside exists is nobody's business.
    const absolute = resolve(this.directory, path);
    this.#confine(absolute, shown, position);
    const real = await realPath({ path: shown, position }, absolute);
    this.#confine(real, shown, position);
    return { real, shown };
  }

  /**
   * The bytes of an ordinary file, at most 64 MiB. The array is shared: do not write to it.
   *
   * @throws SpecError SPEC_UNREADABLE, SPEC_PATH_OUTSIDE, SPEC_TOO_LARGE
   */
  async read(path: string, position: SpecPosition): Promise<Uint8Array> {
    const host = await this.resolve(path, position);
    return this.#contents.get(host.real, () => readOrdinaryFile(host, position));
  }

  #confine(absolute: string, shown: string, position: SpecPosition): void {
    if (this.#roots.some((root) => isBelow(root, absolute))) return;
    throw specError(
      "SPEC_PATH_OUTSIDE",
      position,
      `${shown} is outside the folder of the spec; "allow-paths" can allow it`,
    );
  }

  /** The text of a UTF-8 file. @throws SpecError as {@link read}, and SPEC_VALUE when it is no UTF-8. */
  async readText(path: string, position: SpecPosition): Promise<string> {
    return decodeText(await this.read(path, position), path, position);
  }
}

/** Reads a whole ordinary file: a FIFO or a device would block or never end. @throws SpecError */
export async function readOrdinaryFile(host: HostPath, position: SpecPosition): Promise<Uint8Array> {
  const found = await stat(host.real).catch((error: unknown) =>
    refuseUnreadable(position, host.shown, error),
  );
  if (!found.isFile()) throw specError("SPEC_UNREADABLE", position, `${host.shown} is no ordinary file`);
  if (found.size > fileLengthLimit)
    throw specError(
      "SPEC_TOO_LARGE",
      position,
      `${host.shown} has ${found.size} bytes, at most ${fileLengthLimit} fit`,
    );
  const { buffer, byteOffset, byteLength } = await readFile(host.real).catch((error: unknown) =>
    refuseUnreadable(position, host.shown, error),
  );
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** UTF-8, with a byte order mark taken off. @throws SpecError SPEC_VALUE. */
export function decodeText(bytes: Uint8Array, shown: string, position: SpecPosition): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw specError("SPEC_VALUE", position, `${shown} is no UTF-8 text; "file" takes any bytes`, {
      cause: error,
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a directory",
  EACCES: "permission denied",
};

/** Rejects in words where there are some, else with the system's own for what failed, such as EIO. */
export function refuseUnreadable(position: SpecPosition, shown: string, error: unknown): never {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  const reason = reasons[code] ?? code;
  throw specError("SPEC_UNREADABLE", position, `cannot read ${shown}: ${reason}`, { cause: error });
}

async function realPath({ path, position }: PlacedPath, absolute: string): Promise<string> {
  return realpath(absolute).catch((error: unknown) => refuseUnreadable(position, path, error));
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
