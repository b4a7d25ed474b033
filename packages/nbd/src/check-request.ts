import type { NbdExport } from "./nbd-export.ts";
import type { Agreement } from "./negotiation.ts";
import { maxRequestLength } from "./limits.ts";
import { errorValue, type ErrorValue } from "./wire/error-value.ts";
import { command, commandFlag, type Request } from "./wire/request.ts";

/** Why a request is refused before the export hears of it. */
export interface Refusal {
  readonly error: ErrorValue;
  readonly message: string;
}

/** Looks at everything about a request that can be judged without the export's bytes; undefined where it may be tried. */
export function refusalOf(agreement: Agreement, request: Request): Refusal | undefined {
  const { exported } = agreement;
  if (!isOffered(agreement, request.command)) {
    return { error: errorValue.invalid, message: `command ${request.command} is not offered here` };
  }
  if (changes(request.command) && exported.writer === undefined) {
    return { error: errorValue.notPermitted, message: "the export is read-only" };
  }
  const unknownFlags = request.flags & ~allowedFlags(agreement, request.command);
  if (unknownFlags !== 0) {
    return { error: errorValue.invalid, message: `flags ${unknownFlags} do not belong to the command` };
  }
  if ((request.flags & commandFlag.fastZero) !== 0) {
    return { error: errorValue.notSupported, message: "zeros are no faster than other bytes here" };
  }
  return refusalOfRange(exported, request);
}

function refusalOfRange(exported: NbdExport, request: Request): Refusal | undefined {
  const { offset, length } = request;
  if (request.command === command.flush) {
    return offset === 0 && length === 0
      ? undefined
      : { error: errorValue.invalid, message: "a flush has neither offset nor length" };
  }
  if (carriesData(request.command) && length > maxRequestLength) {
    return { error: errorValue.invalid, message: `${length} bytes, expected at most ${maxRequestLength}` };
  }
  if (length === 0 && request.command === command.blockStatus) {
    return { error: errorValue.invalid, message: "the status of nothing" };
  }
  if (length > exported.length - offset) {
    const grows = request.command === command.write || request.command === command.writeZeroes;
    const message = `${length} bytes at offset ${offset} of ${exported.length}`;
    return { error: grows ? errorValue.noSpace : errorValue.invalid, message };
  }
  return undefined;
}

/** Whether the reply or the request has as many bytes of data as it says. */
export function carriesData(commandNumber: number): boolean {
  return commandNumber === command.read || commandNumber === command.write;
}

/** Whether the export may read otherwise afterwards. */
export function changes(commandNumber: number): boolean {
  return (
    commandNumber === command.write || commandNumber === command.trim || commandNumber === command.writeZeroes
  );
}

/** A read-only export answers all that would change it alike, so that clients learn that it is read-only. */
function isOffered({ exported, allocation }: Agreement, commandNumber: number): boolean {
  const { writer } = exported;
  switch (commandNumber) {
    case command.read:
    case command.write:
    case command.flush:
      return true;
    case command.trim:
      return writer === undefined || writer.trim !== undefined;
    case command.writeZeroes:
      return writer === undefined || writer.writeZeroes !== undefined;
    case command.cache:
      return exported.cache !== undefined;
    case command.blockStatus:
      return allocation;
    default:
      return false;
  }
}

/** FUA where it was offered is good on every command: "existing clients are known to set this bit on other commands". */
function allowedFlags({ exported, structured }: Agreement, commandNumber: number): number {
  const everywhere = exported.writer === undefined ? 0 : commandFlag.fua;
  switch (commandNumber) {
    case command.read:
      return everywhere | (structured ? commandFlag.df : 0);
    case command.writeZeroes:
      return everywhere | commandFlag.noHole | commandFlag.fastZero;
    case command.blockStatus:
      return everywhere | commandFlag.reqOne;
    default:
      return everywhere;
  }
}
