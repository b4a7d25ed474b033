// Loaded before the program: kills it when it has made its first write into the file that DIE_IN names.
import { readlinkSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

const victim = process.env["DIE_IN"];
const some = await open(import.meta.filename);
const handles: Pick<FileHandle, "write"> = Object.getPrototypeOf(some);
await some.close();

const { write } = handles;
handles.write = async function (this: FileHandle, ...call: Parameters<typeof write>) {
  const written = await write.apply(this, call);
  if (readlinkSync(`/proc/self/fd/${this.fd}`) === victim) process.kill(process.pid, "SIGKILL");
  return written;
} as typeof write;
