import { createHash } from 'node:crypto';
import { AttachmentNames } from './attachmentNames.ts';
import { decodeBytes, isKnownCharset, isUndeclared } from './charset.ts';
import { enrichedText } from './enriched.ts';
import { unflow } from './flowed.ts';
import type { ParseLimits } from './limits.ts';
import type { Attachment, ReportPart } from './message.ts';
import { neutralText } from './neutral.ts';
import { isMediaType, type Part } from './part.ts';
import type { PartReader } from './parts.ts';
import { isProtectionOnly } from './protection.ts';
import { SNIFF_BYTES, sniffedType } from './sniff.ts';
import { readTnef } from './tnef.ts';
import { UuencodedFiles } from './uuencoding.ts';

/** Where the octets of one attachment go while they are read. */
export interface AttachmentSink {
  write(chunk: Buffer): void | Promise<void>;
  /** All octets were written. */
  keep(sha256: string, size: number): void | Promise<void>;
  /** The rest will not come: what was written is to be forgotten. */
  drop(): void | Promise<void>;
}

/** Of a winmail.dat that is opened; what is larger is opened as far as it was read. */
const MAX_TNEF_BYTES = 32 * 1024 * 1024;

const MAX_REPORT_BYTES = 256 * 1024;
/** Of all reports of a message: a thousand embedded messages are told by their first few. */
const MAX_REPORTS_BYTES = 2 * 1024 * 1024;

const ENRICHED = /^text\/(?:enriched|richtext)$/;

/** Matches `message/delivery-status`, `text/rfc822-headers` and `text/calendar`; not `text/plain`. */
const REPORT = /^(?:message\/[a-z0-9.-]{1,60}|text\/(?:rfc822-headers|calendar))$/;

/** Reports that people want as a file too; the others are read by machines only. */
const REPORT_AND_FILE = /^(?:message\/(?:rfc822|global|partial|external-body)|text\/calendar)$/;

/** Sorts the leaves of one message into texts, reports and attachments while their octets pass. */
export class Leaves {
  readonly texts = new Map<Part, string>();
  /** Named texts and reports, which are read as the text when a mail has no other. */
  readonly spareTexts = new Map<Part, string>();
  readonly reports: ReportPart[] = [];
  readonly attachments: { part: Part; attachment: Attachment }[] = [];
  readonly warnings = new Set<string>();
  /** Texts that wait for a hint at their charset. */
  readonly #waiting: ((hint: string | null) => void)[] = [];
  #reportsRoom = MAX_REPORTS_BYTES;
  readonly #names = new AttachmentNames();
  /** Files that may still be taken out of texts and out of winmail.dat. */
  #filesRoom: number;
  readonly #limits: ParseLimits;
  readonly #openSink: (() => AttachmentSink) | undefined;

  constructor(limits: ParseLimits, openSink: (() => AttachmentSink) | undefined) {
    this.#limits = limits;
    this.#filesRoom = limits.maxParts;
    this.#openSink = openSink;
  }

  readerOf(part: Part): PartReader {
    if (isBody(part)) {
      const text = part.type === 'text/plain' ? this.#withFiles(part, this.#text(part, this.texts)) : this.#text(part, this.texts);
      return part.filename === null ? text : both(text, this.#attachment(part));
    }
    if (isOtherForm(part)) return NOBODY;
    if (isTnef(part)) return both(this.#attachment(part), this.#tnef(part));
    if (REPORT.test(part.type)) {
      const file = REPORT_AND_FILE.test(part.type) || part.filename !== null;
      return file ? both(this.#report(part), this.#attachment(part)) : both(this.#report(part), this.#text(part, this.spareTexts));
    }
    const spare = part.type.startsWith('text/') && part.disposition !== 'attachment';
    return spare ? both(this.#text(part, this.spareTexts), this.#attachment(part)) : this.#attachment(part);
  }

  /** Does no text wait for a hint? */
  get isSettled(): boolean {
    return this.#waiting.length === 0;
  }

  /** Reads the texts that declare no charset, when all is known that may tell it. */
  settle(charset: string | null): void {
    for (const decode of this.#waiting.splice(0)) decode(charset);
  }

  #text(part: Part, into: Map<Part, string>): PartReader {
    const most = part.type === 'text/html' ? this.#limits.maxHtmlChars : this.#limits.maxTextChars;
    return collect(most, (bytes, cut) => {
      const decode = (hint: string | null): void => {
        into.set(part, this.#decoded(part, bytes, hint) + (cut ? CUT : ''));
      };
      if (isUndeclared(bytes, part.params['charset'] ?? null)) this.#waiting.push(decode);
      else decode(null);
      if (cut) this.warnings.add(`${part.type} cortado a los ${most} octetos`);
    });
  }

  /** Files that stand in the text itself become attachments. */
  #withFiles(part: Part, text: PartReader): PartReader {
    const open = (filename: string | null): PartReader | null => {
      if (this.#filesRoom === 0) return null;
      this.#filesRoom--;
      return this.#attachment({ ...part, type: 'application/octet-stream', filename, contentId: null, disposition: 'attachment' });
    };
    return new UuencodedFiles(text, open, () => this.warnings.add('archivo en uuencode sin su final: puede faltarle una parte'));
  }

  #report(part: Part): PartReader {
    return collect(Math.min(MAX_REPORT_BYTES, this.#reportsRoom), (bytes) => {
      this.#reportsRoom -= bytes.length;
      this.reports.push({ contentType: part.type, params: part.params, text: this.#decoded(part, bytes) });
    });
  }

  #decoded(part: Part, bytes: Buffer, hint: string | null = null): string {
    const declared = part.params['charset'] ?? null;
    const inMarkup = part.type === 'text/html' && !(declared && isKnownCharset(declared)) ? charsetInMarkup(bytes) : null;
    const { text, charset, repaired } = decodeBytes(bytes, inMarkup ?? declared, hint);
    if (repaired && part.type.startsWith('text/'))
      this.warnings.add(
        `juego de caracteres de ${part.type}: declara ${declared ? traceable(declared) : 'ninguno'}, se leyó como ${charset}`,
      );
    const shown = neutralText(text);
    if (ENRICHED.test(part.type)) return enrichedText(shown, part.type === 'text/richtext');
    return part.type === 'text/plain' && part.params['format']?.toLowerCase() === 'flowed'
      ? unflow(shown, part.params['delsp']?.toLowerCase() === 'yes')
      : shown;
  }

  /** What is packed into a winmail.dat: files, which become attachments beside it, and the text, when the mail has no other. */
  #tnef(part: Part): PartReader {
    return collect(MAX_TNEF_BYTES, async (bytes) => {
      const content = readTnef(bytes, (octets) => decodeBytes(octets, null).text);
      const files = content?.files.slice(0, this.#filesRoom) ?? [];
      this.#filesRoom -= files.length;
      for (const { filename, contentType, contentId, octets } of files) {
        const type = contentType !== null && isMediaType(contentType) ? contentType : 'application/octet-stream';
        const file = this.#attachment({ ...part, type, filename, contentId, disposition: 'attachment' });
        try {
          await file.write(octets);
          await file.end();
        } catch (error) {
          await file.drop?.();
          throw error;
        }
      }
      if (content?.text) this.spareTexts.set(part, neutralText(content.text));
      const opened = content && (files.length > 0 || content.text !== '');
      this.warnings.add(
        opened ? `adjunto TNEF (winmail.dat) abierto; archivos: ${files.length}` : 'adjunto TNEF (winmail.dat) guardado sin abrir',
      );
    });
  }

  #attachment(part: Part): PartReader {
    const sink = this.#openSink?.();
    const hash = createHash('sha256');
    let start: Buffer = Buffer.alloc(0);
    let size = 0;
    return {
      write: (chunk) => {
        if (start.length < SNIFF_BYTES) start = Buffer.concat([start, chunk.subarray(0, SNIFF_BYTES)]);
        size += chunk.length;
        hash.update(chunk);
        return sink?.write(chunk);
      },
      end: async () => {
        const sha256 = hash.digest('hex');
        await sink?.keep(sha256, size);
        const attachment: Attachment = {
          filename: this.#names.nameOf(part),
          contentType: part.type,
          sniffedType: sniffedType(start, part.type),
          size,
          inline: part.disposition === 'inline' || isBody(part) || isProtectionOnly(part),
          contentId: part.contentId,
          sha256,
        };
        this.attachments.push({ part, attachment });
      },
      drop: () => sink?.drop(),
    };
  }
}

const CUT = '\n[Texto recortado: el mensaje completo está en el original.]\n';

const NOBODY: PartReader = { write: () => {}, end: () => {} };

function isReadable(part: Part): boolean {
  return part.type === 'text/plain' || part.type === 'text/html';
}

/** What Outlook packs a rich text mail into, attachments and all. */
function isTnef(part: Part): boolean {
  return /^application\/(?:vnd\.)?ms-tnef$/.test(part.type) || part.filename?.toLowerCase() === 'winmail.dat';
}

/** Text that is read as the mail itself: not an attachment, and named only where it is the root or one form of an alternative. */
function isBody(part: Part): boolean {
  if (!isReadable(part) || part.disposition === 'attachment') return false;
  return part.filename === null || part.parent === null || part.parent.type === 'multipart/alternative';
}

/** A form of an alternative that nobody here reads: text/enriched, text/x-amp-html. */
function isOtherForm(part: Part): boolean {
  return (
    part.parent?.type === 'multipart/alternative' && part.type.startsWith('text/') && !REPORT.test(part.type) && part.filename === null
  );
}

/** Matches `<meta charset="utf-8">` and `content="text/html; charset=utf-8"`; not `<p>charset</p>`. */
const META_CHARSET = /<meta[^>]{0,200}charset\s{0,5}=\s{0,5}["']?([A-Za-z0-9_:.-]{1,40})/i;

function charsetInMarkup(bytes: Buffer): string | null {
  return META_CHARSET.exec(bytes.subarray(0, 4096).toString('latin1'))?.[1] ?? null;
}

/** A declared charset as it may stand in a trace. */
function traceable(name: string): string {
  return name.replace(/[^\w.:-]/g, '?').slice(0, 40);
}

/** Collects at most `most` octets. */
function collect(most: number, done: (bytes: Buffer, cut: boolean) => void | Promise<void>): PartReader {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    write: (chunk) => {
      if (size < most) chunks.push(chunk.subarray(0, most - size));
      size += chunk.length;
    },
    end: () => done(Buffer.concat(chunks), size > most),
  };
}

function both(a: PartReader, b: PartReader): PartReader {
  return {
    write: async (chunk) => {
      await a.write(chunk);
      await b.write(chunk);
    },
    end: async () => {
      await a.end();
      await b.end();
    },
    drop: async () => {
      await a.drop?.();
      await b.drop?.();
    },
  };
}
