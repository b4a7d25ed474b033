import { quote } from "@bootstamp/declaration";
import type { HostFiles } from "./host-files.ts";
import { renderTemplate, type Bindings } from "./render-template.ts";
import { Secret } from "./secret.ts";
import { refuse, specError, type SpecPosition } from "./spec-error.ts";
import { checkNames, type Scope } from "./template-scope.ts";
import { references, type Template } from "./template.ts";

/** Where a secret's text comes from. */
export type SecretSource = { readonly position: SpecPosition } & (
  | { readonly variable: string }
  /** `path` may differ from variant to variant. */
  | { readonly path: Template }
);

/** Environment variables as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A key or a password, not an archive. */
const secretLengthLimit = 1 << 20;

/** The secrets of a spec: read when a template asks for them, never before, never kept outside {@link Secret}. */
export class SecretStore {
  readonly #sources: ReadonlyMap<string, SecretSource>;
  readonly #environment: Environment;
  readonly #files: HostFiles;

  constructor(sources: ReadonlyMap<string, SecretSource>, environment: Environment, files: HostFiles) {
    this.#sources = sources;
    this.#environment = environment;
    this.#files = files;
  }

  /**
   * The secrets that `template` names. `scope` is that of the variant: a secret's path may use names of it.
   *
   * @throws SpecError SPEC_SECRET_MISSING: the variable is not set, or the text is empty, as CI systems make of a
   * secret that they do not have; SPEC_UNREADABLE, SPEC_PATH_OUTSIDE, SPEC_VALUE, SPEC_TEMPLATE, SPEC_TOO_LARGE.
   */
  async secretsOf(
    template: Template,
    bindings: Bindings,
    scope: Scope,
  ): Promise<ReadonlyMap<string, Secret>> {
    const found = new Map<string, Secret>();
    for (const { subject } of references(template)) {
      const [root, name] = subject.name;
      const source = root === "secret" && name !== undefined ? this.#sources.get(name) : undefined;
      if (name !== undefined && source !== undefined)
        found.set(name, await this.#read(name, source, bindings, scope));
    }
    return found;
  }

  async #read(name: string, source: SecretSource, bindings: Bindings, scope: Scope): Promise<Secret> {
    const { text, origin } = await this.#find(source, bindings, scope);
    const fault = text === undefined ? "is not set" : text === "" ? "is empty" : undefined;
    if (text === undefined || fault !== undefined)
      throw specError(
        "SPEC_SECRET_MISSING",
        source.position,
        `the secret ${quote(name)}: ${origin} ${fault}`,
      );
    if (text.length > secretLengthLimit)
      throw specError(
        "SPEC_TOO_LARGE",
        source.position,
        `the secret ${quote(name)}: ${origin} has ${text.length} characters, at most ${secretLengthLimit} fit`,
      );
    return new Secret(text);
  }

  async #find(
    source: SecretSource,
    bindings: Bindings,
    scope: Scope,
  ): Promise<{ text: string | undefined; origin: string }> {
    if ("variable" in source)
      return {
        text: this.#environment[source.variable],
        origin: `the environment variable ${source.variable}`,
      };
    refuse(checkNames(source.path, scope, "refused"));
    const { text: path } = renderTemplate(source.path, bindings);
    return { text: await this.#files.readText(path, source.position), origin: `the file ${path}` };
  }
}
