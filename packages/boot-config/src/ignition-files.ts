import { BootConfigError } from "./boot-config-error.ts";
import type { SeedFile } from "./seed-file.ts";

/**
 * The file that makes Ignition use a config on first boot: ignition/config.ign on the boot partition, readable
 * by root only since a config holds secrets (as coreos-installer writes it).
 *
 * @param config the config; its bytes go into the file as they are.
 * @throws BootConfigError IGNITION_INVALID when it is no JSON object with a string `ignition.version`, such as
 * a Butane config that was not translated.
 */
export function ignitionFiles(config: Uint8Array | string): SeedFile[] {
  const content = typeof config === "string" ? new TextEncoder().encode(config) : config;
  const version = ignitionVersion(parseJson(content));
  if (typeof version !== "string" || !/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(version)) {
    throw invalid(
      `ignition.version is ${JSON.stringify(version) ?? "missing"}, expected a version such as "3.4.0"`,
    );
  }
  return [{ path: "ignition/config.ign", content, mode: 0o600, directoryMode: 0o700 }];
}

function parseJson(content: Uint8Array): unknown {
  let text = "";
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch (cause) {
    throw invalid("it is not UTF-8", cause);
  }
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (cause) {
    // The parser's own message quotes the text around the fault, which may be a secret.
    const isButane = /^(?:#[^\n]*\n|---[^\n]*\n|\s*\n)*(?:variant|version)[ \t]*:/.test(text.slice(0, 4096));
    throw invalid(
      isButane ? "it looks like Butane; translate it with butane first" : "it is not JSON",
      cause,
    );
  }
}

function ignitionVersion(config: unknown): unknown {
  if (typeof config !== "object" || config === null || !("ignition" in config)) return undefined;
  const { ignition } = config;
  if (typeof ignition !== "object" || ignition === null || !("version" in ignition)) return undefined;
  return ignition.version;
}

function invalid(reason: string, cause?: unknown): BootConfigError {
  return new BootConfigError("IGNITION_INVALID", `reading an Ignition config: ${reason}`, {}, { cause });
}
