import { spawn } from "node:child_process";
import { constants } from "node:os";
import { NbdError } from "./nbd-error.ts";
import type { NbdServer } from "./serve.ts";

/**
 * Runs a shell command that uses a server, and resolves to its exit status when it ends (128 and the signal's number
 * where a signal ended it, as shells say it). The server goes on: close it afterwards.
 *
 * As under `nbdkit --run`, the command finds in its environment `uri` and `nbd` (the URI of the export), `exportname`,
 * `unixsocket` (the path, or empty) and `port` (or empty). It has the caller's standard streams.
 * @throws NbdError `NBD_COMMAND_NOT_STARTED`.
 */
export async function runCaptive(server: NbdServer, command: string, exportName = ""): Promise<number> {
  const uri = server.uri(exportName);
  const { address } = server;
  const child = spawn("/bin/sh", ["-c", command], {
    stdio: "inherit",
    env: {
      ...process.env,
      uri,
      nbd: uri,
      exportname: exportName,
      unixsocket: address.kind === "unix" ? address.path : "",
      port: address.kind === "tcp" ? String(address.port) : "",
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once("error", (error) => reject(notStarted(command, error)));
  child.once("exit", (status, signal) =>
    resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal])),
  );
  return promise;
}

function notStarted(command: string, cause: Error): NbdError {
  return new NbdError(
    "NBD_COMMAND_NOT_STARTED",
    `cannot run ${JSON.stringify(command)}: ${cause.message}`,
    { command },
    { cause },
  );
}
