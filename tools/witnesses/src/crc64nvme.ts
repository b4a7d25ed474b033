import { compiledGo } from "./compiled-go.ts";
import { fixture } from "./decoder.ts";
import { run } from "./run.ts";

/** CRC-64/NVME of a file by Go, sixteen hexadecimal digits. Hand "go" to `requires`. */
export async function crc64nvmeByGo(path: string): Promise<string> {
  return (await run(await compiledGo(fixture("crc64nvme.go")), [path])).trim();
}
