import { Fault } from "@bootstamp/fault";
import { formatPosition, type RenderedVariant } from "@bootstamp/variants";

/** Puts the place of the edit that failed before the message: `spec.yaml:12:9: variant "aws": ...`. */
export function placedFault(
  error: unknown,
  { name, notes }: Pick<RenderedVariant, "name" | "notes">,
): unknown {
  if (!(error instanceof Fault)) return error;
  const index = error.fields["edit"];
  const position = typeof index === "number" ? notes[index]?.position : undefined;
  const place = position === undefined ? "" : `${formatPosition(position)}: `;
  const message = `${place}variant ${JSON.stringify(name)}: ${error.message}`;
  return new Fault(error.code, message, error.fields, { cause: error });
}
