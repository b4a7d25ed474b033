// The command that serves images to other programs.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Option, type Command } from "commander";
import type { RegionChoice } from "@bootstamp/layout";
import type { NbdListener, NbdTls } from "@bootstamp/nbd";
import { ProgramError } from "./program-error.ts";
import {
  imageArgument,
  imageOptions,
  parseRegion,
  sectorOption,
  wholeNumber,
  type ImageFlags,
} from "./flags.ts";
import type { ProgramContext } from "./program-context.ts";
import { readFileBytes } from "./read-file-bytes.ts";

interface NbdFlags extends ImageFlags {
  readonly unix?: string;
  readonly port?: number;
  readonly bind?: string;
  readonly writable?: RegionChoice;
  readonly cow?: string;
  readonly run?: string;
  readonly tlsCertificates?: string;
  readonly tlsPsk?: string;
  readonly tls?: "allowed" | "required";
}

export function addNbd(root: Command, { reporter, signal }: ProgramContext): void {
  root
    .command("nbd")
    .description("serve an image and its partitions over NBD, read-only unless told otherwise")
    .argument("<image>", imageArgument)
    .option("--unix <path>", "listen on a Unix socket")
    .option("--port <n>", "listen on a TCP port of the loopback (default: 10809)", wholeNumber)
    .option("--bind <address>", "listen on this address in place of the loopback")
    .addOption(writableOption())
    .option("--cow <file>", "let clients write anywhere, into this stamp in place of the image")
    .option("--run <command>", "run a shell command, which finds $uri, and end with it")
    .option("--tls-certificates <folder>", "with server-cert.pem, server-key.pem and perhaps ca-cert.pem")
    .option("--tls-psk <file>", "with lines identity:key, the key in hex")
    .addOption(new Option("--tls <mode>", "whether clients need TLS").choices(["allowed", "required"]))
    .addOption(sectorOption())
    .action(async (image: string, flags: NbdFlags) => {
      if (flags.writable !== undefined && flags.cow !== undefined)
        throw new ProgramError(
          "USAGE_ARGUMENT",
          "--writable writes into the image, --cow keeps it: one of them",
        );
      const { nbd } = await import("./commands/nbd.ts");
      const tls = await tlsOf(flags);
      const options = {
        image,
        listener: listenerOf(flags),
        ...(tls === undefined ? {} : { tls }),
        ...(flags.writable === undefined ? {} : { writable: flags.writable }),
        ...(flags.cow === undefined ? {} : { cow: flags.cow }),
        ...(flags.run === undefined ? {} : { command: flags.run }),
        ...imageOptions(flags),
      };
      await nbd(options, reporter, signal);
    });
}

function writableOption(): Option {
  const description =
    "let clients write into a partition that the file stores: a label, label=NAME, number=N, type=ID or role=ROLE";
  return new Option("--writable <choice>", description).argParser(parseRegion);
}

function listenerOf({ unix, port, bind, run }: NbdFlags): NbdListener {
  if (unix !== undefined) {
    if (port === undefined && bind === undefined) return { kind: "unix", path: unix };
    throw new ProgramError("USAGE_ARGUMENT", "--unix goes without --port and --bind");
  }
  if (run !== undefined && port === undefined && bind === undefined) return { kind: "private" };
  return {
    kind: "tcp",
    ...(port === undefined ? {} : { port }),
    ...(bind === undefined ? {} : { host: bind }),
  };
}

async function tlsOf({ tls: mode, tlsCertificates, tlsPsk }: NbdFlags): Promise<NbdTls | undefined> {
  if (tlsCertificates === undefined && tlsPsk === undefined) {
    if (mode === undefined) return undefined;
    throw new ProgramError("USAGE_ARGUMENT", "--tls takes --tls-certificates or --tls-psk");
  }
  if (tlsCertificates !== undefined && tlsPsk !== undefined)
    throw new ProgramError("USAGE_ARGUMENT", "--tls-certificates goes without --tls-psk");
  const required = mode ?? "required";
  if (tlsPsk !== undefined) {
    const { parsePreSharedKeys } = await import("@bootstamp/nbd");
    const keys = parsePreSharedKeys(readText(tlsPsk));
    return { mode: required, credentials: { kind: "pre-shared-keys", keys } };
  }
  const pem = (name: string): string => readText(join(tlsCertificates ?? "", name));
  const authorityPath = join(tlsCertificates ?? "", "ca-cert.pem");
  const certificate = { certificate: pem("server-cert.pem"), key: pem("server-key.pem") };
  const clients = existsSync(authorityPath) ? { clientAuthority: readText(authorityPath) } : {};
  return { mode: required, credentials: { kind: "certificate", ...certificate, ...clients } };
}

/** PEM files and lists of keys are small. */
const longest = 1 << 20;

function readText(path: string): string {
  return Buffer.from(readFileBytes(path, longest)).toString("utf8");
}
