/**
 * One pattern out of many, so that a long list can be read line by line and is searched in one pass; case does not matter. `frame` is the
 * pattern around the alternatives, with `…` in their place: `^(?:…)\b`.
 */
export function anyOf(frame: string, alternatives: readonly RegExp[]): RegExp {
  return new RegExp(
    frame.replace('…', () => oneOf(alternatives)),
    'i',
  );
}

/** The source of one pattern out of many, to be built into larger ones. */
export function oneOf(alternatives: readonly RegExp[]): string {
  return alternatives.map(({ source }) => source).join('|');
}
