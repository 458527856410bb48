/** What a source says about a message before its body is read. */
export interface Listed {
  /**
   * The source's own name for it: `imap:INBOX;a=3fa9c1d2;v=7;uid=4211` (account and UIDVALIDITY belong to each UID, RFC 9051 2.3.1.1) or
   * `maildir:NAME;m=MTIME_MS`.
   */
  ref: MessageRef;
  /** When the server received it (IMAP INTERNALDATE, a file's mtime); never the Date header. */
  receivedAt: Date;
  /** Octets, as the source states them (RFC822.SIZE). */
  size: number;
}

export type MessageRef = string;

/** One message as it came: its bytes in order, once. A small one is a single chunk, a large one a stream. */
export interface RawMessage extends Listed {
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>;
  /** True when only the header section was read, because `size` is above the limit. */
  headerOnly: boolean;
}

export interface Address {
  /** Display name, decoded; `''` when there is none. */
  name: string;
  /** `local@domain`, domain in lower case, local part as written. */
  address: string;
}

export interface HeaderField {
  /** Field name in lower case. */
  name: string;
  /** Unfolded body, raw 8-bit bytes repaired to text, encoded words not yet decoded. */
  value: string;
}

export interface Attachment {
  /** As the sender named it, decoded, or a sensible name of ours (`imagen-1.png`); data only, never a path. */
  filename: string;
  /** Declared type, lower case. */
  contentType: string;
  /** What the first bytes say it is, when that is known and differs from the declared type; else null. */
  sniffedType: string | null;
  /** Octets after decoding. */
  size: number;
  /** Part of the mail itself rather than attached to it: shown inside the text (Content-ID, disposition inline), or its detached signature. */
  inline: boolean;
  /** Without angle brackets; null when absent. */
  contentId: string | null;
  /** SHA-256 of the decoded bytes, hex; also its name on disk. */
  sha256: string;
}

/** A part that reports about other mail or events, as text: the parts of multipart/report, calendar answers, embedded messages. */
export interface ReportPart {
  /** `message/delivery-status`, `message/disposition-notification`, `message/feedback-report`, `text/rfc822-headers`, `message/rfc822`, `text/calendar`, ... */
  contentType: string;
  /** Content-Type parameters, names in lower case (`method` of a calendar part). */
  params: Record<string, string>;
  /** Decoded text, at most 256 KiB of it. */
  text: string;
}

export interface ParsedMail {
  /** Message-ID without angle brackets (RFC 5322 3.6.4); null when missing or unusable. */
  messageId: string | null;
  /** msg-ids only, without angle brackets, in order of appearance; free text is not an id. */
  inReplyTo: string[];
  /** msg-ids only, without angle brackets, at most 100: the first one and the newest. */
  references: string[];
  /** The Date header; null when missing or unreadable. */
  date: Date | null;
  from: Address;
  /**
   * Which field `from` was taken from; anything but `from` is a fallback for a missing or malformed From. With `none` no field holds an
   * address: `from.address` is `''` and `from.name` what From says (`MAILER-DAEMON`).
   */
  fromField: 'from' | 'sender' | 'return-path' | 'reply-to' | 'none';
  sender: Address | null;
  replyTo: Address[];
  to: Address[];
  cc: Address[];
  /** Envelope sender as the last server recorded it: `''` is the null path `<>` (RFC 5321 4.5.5), null when not recorded. */
  returnPath: string | null;
  /** Decoded, control and direction characters removed; `''` when missing. Not cut. */
  subject: string;
  /** Whole text, from text/plain or converted from HTML; line ends are `\n`. */
  text: string;
  /** Whole HTML as received (decoded to a string); null when there is none, or nobody asked for it. Never shown unescaped. */
  html: string | null;
  /** What was written in this message, without quote and signature; never empty when something was written. */
  newText: string;
  quotedText: string;
  signature: string;
  attachments: Attachment[];
  /** Every header field in order. */
  headers: HeaderField[];
  /** Media type of the whole message, lower case, with its parameters (`multipart/report`, `report-type`). */
  contentType: { type: string; params: Record<string, string> };
  reports: ReportPart[];
  /** Protection that we mark and do not open. */
  protection: 'smime-signed' | 'smime-encrypted' | 'pgp-signed' | 'pgp-encrypted' | null;
  /** Repairs and oddities worth a line in the trace, in Spanish, without client text. */
  warnings: string[];
  /** SHA-256 over what the author wrote: Message-ID, From, Date, Subject, body. Equal for two deliveries of one mail. */
  fingerprint: string;
}

export type ParseCause =
  /** No header section, or no address of an author anywhere. */
  | 'unreadable'
  | 'no-sender'
  /** A limit of PARSE_LIMITS was met. */
  | 'header-too-large'
  | 'too-many-parts'
  | 'too-deep'
  | 'too-large'
  /** The parser thread had to be ended. */
  | 'parse-timeout'
  | 'parse-crashed'
  /** The whole program died at it, again and again. */
  | 'program-died';

export type ParseResult = { ok: true; mail: ParsedMail } | { ok: false; cause: ParseCause; because: string };

export type AutomaticKind = 'bounce' | 'vacation' | 'auto-reply' | 'list' | 'notification' | 'receipt' | 'calendar' | 'own';

/** Did a machine write it, which sort, and what says so. Null is a person. */
export interface Automatic {
  kind: AutomaticKind | null;
  /** Signs in the order found: `Auto-Submitted: auto-replied`, `subject begins with "Respuesta automática"`. */
  evidence: string[];
  /** Nothing but its subject says so, and people may write such a subject. */
  bySubjectOnly: boolean;
  /**
   * Signs that forbid an automatic answer whoever wrote it: `X-Auto-Response-Suppress: All`, `List-Id`, `Precedence: bulk`, null return path.
   * Empty means that nothing in the mail forbids one.
   */
  suppress: string[];
}

/** One recipient of a delivery report (RFC 3464 2.3). */
export interface ReportedRecipient {
  address: string;
  /** `failed`, `delayed`, `delivered`, `relayed`, `expanded`. */
  action: string;
  /** Enhanced status code, `5.1.1` (RFC 3463); null when the report gives none. */
  status: string | null;
  /** True for a lasting failure, false for a passing one, null when the report does not tell. */
  permanent: boolean | null;
  /** What the remote server said; null when the report gives none. */
  diagnostic: string | null;
}

export interface DeliveryReport {
  recipients: ReportedRecipient[];
  /** Message-ID of the mail that was not delivered, without angle brackets. */
  originalMessageId: string | null;
}

/** What our own server found about the sender (RFC 8601). */
export interface Authentication {
  verdict: 'pass' | 'fail' | 'none';
  evidence: string[];
}

/** A ticket token found in a subject. */
export interface TicketToken {
  /** As written: `[ITAC #12-K7Q]`. */
  text: string;
  number: number;
  /** The number as written, in ASCII digits: the key of a former number, which may be longer than a `number` can hold. */
  digits: string;
  /** True when it carries check letters and they are ours; false when it carries none. */
  signed: boolean;
  /** A number of a former system, found by one of the configured legacy patterns. */
  legacy: boolean;
  /** False for `ITAC #123`: the writer removed the brackets. Without check letters it is a hint that needs a second proof. */
  bracketed: boolean;
}

/** A mail of ours, complete: Date and Message-ID included, so that every attempt sends the same bytes. */
export interface OutboundMail {
  messageId: string;
  /** Envelope sender; `''` is the null path. */
  envelopeFrom: string;
  envelopeTo: string;
  /** The whole message, CRLF line ends. */
  bytes: Buffer;
}
