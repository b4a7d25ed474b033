/** Bytes that break a rule of their format. Whoever knows which segment they are of makes a `MapError` of it. */
export class CorruptData extends Error {}
