/** Control characters, and those that turn the direction of text around. */
const unprintable = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Quotes text that comes from an image or a file so that it can neither steer a terminal nor hide a part of the line. */
export function quoteText(text: string): string {
  return JSON.stringify(text).replace(unprintable, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
