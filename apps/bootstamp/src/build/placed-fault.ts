import { Fault } from "@bootstamp/fault";
import { formatPosition, type RenderedVariant } from "@bootstamp/variants";

/**
 * Puts the place of the edit that failed before the message: `spec.yaml:12:9: variant "aws": ...`. What it quotes of
 * a file may be a secret that an earlier edit wrote there.
 */
export function placedFault(
  error: unknown,
  { name, notes, conceal }: Pick<RenderedVariant, "name" | "notes" | "conceal">,
): unknown {
  if (!(error instanceof Fault)) return error;
  const index = error.fields["edit"];
  const position = typeof index === "number" ? notes[index]?.position : undefined;
  const place = position === undefined ? "" : `${formatPosition(position)}: `;
  const message = `${place}variant ${JSON.stringify(name)}: ${conceal(error.message)}`;
  return new Fault(error.code, message, error.fields, { cause: error });
}
