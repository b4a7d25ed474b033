import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./run.ts";

const folder = fileURLToPath(new URL("../../../node_modules/.cache/witnesses", import.meta.url));

/**
 * Compiles a Go program that uses the standard library and Debian's packages of others and returns the path of the
 * executable, which is kept for later runs under a name made of its source.
 */
export async function compiledGo(source: string): Promise<string> {
  const key = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 16);
  const executable = join(folder, `go-${key}`);
  if (existsSync(executable)) return executable;
  await mkdir(folder, { recursive: true });
  const scratch = await mkdtemp(join(folder, "build-"));
  try {
    const output = join(scratch, "program");
    await run("go", ["build", "-o", output, source], { cwd: scratch, env: goEnvironment() });
    await rename(output, executable);
  } finally {
    await rm(scratch, { recursive: true });
  }
  return executable;
}

/**
 * No modules but what Debian has packaged, no C compiler, and a build cache of its own: a bare machine may have no HOME
 * to keep one in.
 */
function goEnvironment(): Readonly<Record<string, string>> {
  return {
    GO111MODULE: "off",
    GOPATH: "/usr/share/gocode",
    CGO_ENABLED: "0",
    GOCACHE: join(folder, "go-cache"),
    GOFLAGS: "",
  };
}
