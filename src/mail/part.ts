import { firstField, type Structured, structured } from './headers.ts';
import type { HeaderField } from './message.ts';

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
    filename: disposition.params['filename'] || type.params['name'] || null,
    contentId: (firstField(fields, 'content-id') ?? '').replace(/^[<\s]{1,10}|[>\s]{1,10}$/g, '') || null,
    fields,
    parent,
    children: [],
    depth: parent ? parent.depth + 1 : 0,
  };
}

/** Text unless said otherwise (RFC 2045 5.2), in a digest a message (RFC 2046 5.1.5); an attachment of no type is octets. */
function mediaType(type: Structured, disposition: Structured, parent: Part | null): string {
  const given = MISNAMED[type.value.toLowerCase()] ?? type.value.toLowerCase();
  if (/^[^\s/]{1,100}\/[^\s/]{1,100}$/.test(given)) return given;
  if (parent?.type === 'multipart/digest') return 'message/rfc822';
  const octets = disposition.value.toLowerCase() === 'attachment' || (parent && given !== '');
  return octets ? 'application/octet-stream' : 'text/plain';
}

const MISNAMED: Readonly<Record<string, string>> = {
  text: 'text/plain',
  plain: 'text/plain',
  'plain/text': 'text/plain',
  html: 'text/html',
  'html/text': 'text/html',
};
