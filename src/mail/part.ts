import { isAscii } from 'node:buffer';
import { decodeWords } from './encodedWords.ts';
import { firstField } from './headers.ts';
import type { HeaderField } from './message.ts';
import { type Structured, structured } from './parameters.ts';

/** One MIME part (RFC 2045), multiparts among them. */
export interface Part {
  /** `type/subtype`, lower case. */
  type: string;
  params: Record<string, string>;
  /** `attachment`, `inline`, ... lower case; `''` when not given. */
  disposition: string;
  /** As the sender named it, decoded; null when not named. */
  filename: string | null;
  /** Without angle brackets. */
  contentId: string | null;
  /** Between the parts inside it; null when none is given. */
  boundary: Buffer | null;
  fields: readonly HeaderField[];
  parent: Part | null;
  children: Part[];
  depth: number;
}

/** What the header fields of a part say about it. */
export function partOf(fields: readonly HeaderField[], parent: Part | null): Part {
  const type = structured(firstField(fields, 'content-type') ?? '');
  const disposition = structured(firstField(fields, 'content-disposition') ?? '');
  return {
    type: mediaType(type, disposition, parent),
    params: type.params,
    disposition: disposition.value.toLowerCase(),
    filename: fileNameIn(disposition.params['filename']) ?? fileNameIn(type.params['name']) ?? describedName(fields, type.value),
    contentId: (firstField(fields, 'content-id') ?? '').replace(/^[<\s]{1,10}|[>\s]{1,10}$/g, '') || null,
    boundary: boundaryIn(type.params),
    fields,
    parent,
    children: [],
    depth: parent ? parent.depth + 1 : 0,
  };
}

/** Programs quote with apostrophes, too, or twice: `'informe.pdf'`, `"informe.pdf"`; not `d'abril.pdf`. */
const IN_QUOTES = /^(['"])((?:(?!\1).)+)\1$/;

function fileNameIn(text = ''): string | null {
  return IN_QUOTES.exec(text)?.[2] ?? (text || null);
}

/** A description that is the name of a file: `informe de mayo.pdf`; not `Mail message body`, not `Ver. 2`. */
const FILE_NAME = /^[^/\\:]{1,200}\.[a-z][a-z0-9]{1,4}$/i;

/** Old programs name a file in its description only (RFC 2045 8). */
function describedName(fields: readonly HeaderField[], type: string): string | null {
  const description = /^(?:application|image|audio|video)\//i.test(type) ? firstField(fields, 'content-description') : null; // not 'text/plain'
  const name = description === null ? '' : decodeWords(description).trim();
  return FILE_NAME.test(name) ? name : null;
}

/** ASCII without blanks at its end (RFC 2046 5.1.1); anything else is none. */
function boundaryIn({ boundary = '' }: Record<string, string>): Buffer | null {
  const octets = Buffer.from(boundary.trimEnd());
  return octets.length > 0 && isAscii(octets) ? octets : null;
}

/** Text unless said otherwise (RFC 2045 5.2), in a digest a message (RFC 2046 5.1.5); an attachment of no type is octets. */
function mediaType(type: Structured, disposition: Structured, parent: Part | null): string {
  const given = MISNAMED.get(type.value.toLowerCase()) ?? type.value.toLowerCase();
  if (isMediaType(given)) return given;
  const within = TYPE_WITHIN.exec(given.replace(/\s{0,9}\/\s{0,9}/, '/'))?.[0];
  if (within) return within;
  if (parent?.type === 'multipart/digest') return 'message/rfc822';
  const octets = disposition.value.toLowerCase() === 'attachment' || (parent && given !== '');
  return octets ? 'application/octet-stream' : 'text/plain';
}

/** A media type with something around it: `text / html`, `content-type: text/html`; not `text` and not `x-sun-attachment`. */
const TYPE_WITHIN = /(?<![\w/])(?:text|multipart|message|image|audio|video|application)\/[a-z0-9][a-z0-9.+-]{0,60}/;

/** Has it the form of one: `text/plain`; not `text` and not `content-type:text/html`. */
export function isMediaType(text: string): boolean {
  return /^[^\s/:"'<>]{1,100}\/[^\s/:"'<>]{1,100}$/.test(text);
}

const MISNAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    text: 'text/plain',
    plain: 'text/plain',
    'plain/text': 'text/plain',
    html: 'text/html',
    'html/text': 'text/html',
    'application/xhtml+xml': 'text/html',
  }),
);
