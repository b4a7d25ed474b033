import { randomBytes } from "node:crypto";
import { chmod, link, lstat, mkdtemp, rename, rm, unlink } from "node:fs/promises";
import { createConnection, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { NbdError } from "./nbd-error.ts";

/** Room for a path in sockaddr_un on Linux, less the NUL. The system would cut a longer one short without a word. */
const maxPathLength = 107;

/** A listening Unix socket. */
export interface UnixSocket {
  readonly path: string;
  /** Removes what was made, unless somebody else has put something in its place. The server must be closed before. */
  readonly remove: () => Promise<void>;
}

/**
 * Makes `server` listen at `path`, where the socket appears with mode 0600 and listening, in one step: it is bound in
 * a folder that nobody else can enter, and linked from there. A socket at `path` that nobody listens on is replaced.
 * @throws NbdError `NBD_ADDRESS_IN_USE`, `NBD_SOCKET_PATH`; system errors as they are.
 */
export async function listenAt(server: Server, path: string): Promise<UnixSocket> {
  assertFits(path);
  await removeStale(path);
  const folder = await mkdtemp(join(dirname(path), ".nbd-"));
  try {
    const bound = join(folder, "s");
    await listen(server, bound);
    await chmod(bound, 0o600);
    await link(bound, path).catch((error: unknown) => {
      throw hasCode(error, "EEXIST") ? inUse(path) : error;
    });
    const ours = await lstat(path, { bigint: true });
    return { path, remove: async () => removeSame(path, ours) };
  } catch (error) {
    server.close();
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes `server` listen in a new folder under the system's folder for temporary files. */
export async function listenPrivately(server: Server): Promise<UnixSocket> {
  const folder = await mkdtemp(join(tmpdir(), "nbd-"));
  const path = join(folder, "socket");
  const remove = async (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await listen(server, path);
    await chmod(path, 0o600);
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, remove };
}

async function listen(server: Server, path: string): Promise<void> {
  assertFits(path);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ path }, resolve);
  await promise;
  server.off("error", reject);
}

function assertFits(path: string): void {
  const length = Buffer.byteLength(path);
  if (length > maxPathLength) {
    throw new NbdError("NBD_SOCKET_PATH", `${path} has ${length} bytes, expected at most ${maxPathLength}`, {
      path,
    });
  }
}

interface Inode {
  readonly dev: bigint;
  readonly ino: bigint;
}

async function removeStale(path: string): Promise<void> {
  const found = await lstatOrNothing(path);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new NbdError("NBD_SOCKET_PATH", `${path} is there already and is not a socket`, { path });
  }
  if (await answers(path)) throw inUse(path);
  await removeSame(path, found);
}

/**
 * Removes what is at `path` if it is `expected`. Taken aside first: between looking and removing, another server may
 * have put its own socket there, which goes back.
 */
async function removeSame(path: string, expected: Inode): Promise<void> {
  const before = await lstatOrNothing(path);
  if (before === undefined || !isSame(before, expected)) return;
  const aside = join(dirname(path), `.nbd-${randomBytes(6).toString("hex")}`);
  await rename(path, aside);
  if (!isSame(await lstat(aside, { bigint: true }), expected)) await link(aside, path);
  await unlink(aside);
}

function isSame(a: Inode, b: Inode): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

async function lstatOrNothing(path: string) {
  return lstat(path, { bigint: true }).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  });
}

/** Whether anybody listens at `path`. Not allowed to ask counts as yes. */
async function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = createConnection({ path }, () => resolve(true));
  socket.once("error", (error) => resolve(!hasCode(error, "ECONNREFUSED") && !hasCode(error, "ENOENT")));
  const answered = await promise;
  socket.destroy();
  return answered;
}

function inUse(path: string): NbdError {
  return new NbdError("NBD_ADDRESS_IN_USE", `somebody serves at ${path} already`, { address: path });
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
