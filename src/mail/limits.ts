import type { ParseCause } from './message.ts';

/** How much of one message is read before it is given to a person instead. */
export interface ParseLimits {
  /** Octets of the whole message. */
  maxBytes: number;
  /** Octets of one header section. */
  maxHeaderBytes: number;
  /** MIME parts, multiparts among them. */
  maxParts: number;
  /** Levels of multiparts inside multiparts. */
  maxDepth: number;
  /** Characters of text that are kept; the rest stays in the raw message and the text says so. */
  maxTextChars: number;
  /** Characters of HTML that are kept. */
  maxHtmlChars: number;
}

export const PARSE_LIMITS: ParseLimits = {
  maxBytes: 100 * 1024 * 1024,
  maxHeaderBytes: 1024 * 1024,
  maxParts: 1000,
  maxDepth: 50,
  maxTextChars: 1_000_000,
  maxHtmlChars: 4_000_000,
};

/** Stops the reading of a message; parse turns it into a ParseResult. */
export class ParseRefusal extends Error {
  readonly refusal: ParseCause;

  constructor(refusal: ParseCause, message: string) {
    super(message);
    this.name = 'ParseRefusal';
    this.refusal = refusal;
  }
}
