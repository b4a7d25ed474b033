/** Facts that a fault carries for programs and messages. Never secrets: they are printed. */
export type FaultFields = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/**
 * An error that a caller can tell apart by `code` and a person can act on by `message`.
 *
 * Each package has one subclass of it and one list of codes. `docs/ERRORS.md` explains every code.
 * A message is lower case, says what was being done, and gives got and expected with numbers.
 */
export class Fault<Code extends string = string> extends Error {
  readonly code: Code;
  readonly fields: FaultFields;

  constructor(code: Code, message: string, fields: FaultFields = {}, options: ErrorOptions = {}) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.fields = fields;
  }
}
