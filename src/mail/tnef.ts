/** What Outlook packed into one winmail.dat (MS-OXTNEF). */
export interface TnefContent {
  /** The text of the mail; `''` when it is not there as text. */
  text: string;
  files: TnefFile[];
}

export interface TnefFile {
  /** As the sender named it; null when not named. */
  filename: string | null;
  /** Lower case; null when not told. */
  contentType: string | null;
  /** Without angle brackets. */
  contentId: string | null;
  octets: Buffer;
}

/** Octets of strings in the sender's code page as text. */
type DecodeString = (octets: Buffer) => string;

const SIGNATURE = 0x223e9f78;
/** Files beyond these are left in winmail.dat. */
const MAX_FILES = 200;
const MAX_PROPERTIES = 4096;

/** Attributes that matter (MS-OXTNEF 2.1.3.2). */
const Attribute = {
  body: 0x0002800c,
  messageProperties: 0x00069003,
  beginFile: 0x00069002,
  fileName: 0x00018010,
  fileOctets: 0x0006800f,
  fileProperties: 0x00069005,
} as const;

/** Properties that matter (MS-OXPROPS). */
const Property = { body: 0x1000, octets: 0x3701, shortName: 0x3704, longName: 0x3707, mediaType: 0x370e, contentId: 0x3712 } as const;

/** Octets of a value by its type, padding to four included (MS-OXTNEF 2.1.3.4); types that are not here say their length themselves. */
const FIXED: Readonly<Record<number, number>> = { 1: 0, 2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16 };
const UNICODE = 0x1f;
const OBJECT = 0xd;
const VARIABLE: ReadonlySet<number> = new Set([OBJECT, 0x1e, UNICODE, 0x102]);
const MULTIPLE = 0x1000;
const FIRST_NAMED = 0x8000;
/** What stands before the octets of an embedded object: the id of its interface. */
const INTERFACE_ID = 16;

interface Value {
  type: number;
  octets: Buffer;
}

/**
 * Reads a winmail.dat as far as it goes; what is cut or wrong ends the reading, and what was found until then counts. Null when it is none. Linear in
 * its length; never throws.
 */
export function readTnef(tnef: Buffer, decode: DecodeString): TnefContent | null {
  if (tnef.length < 6 || tnef.readUInt32LE(0) !== SIGNATURE) return null;
  const content: TnefContent = { text: '', files: [] };
  let file: TnefFile | undefined;
  for (let at = 6; at + 9 <= tnef.length; ) {
    const id = tnef.readUInt32LE(at + 1);
    const end = at + 9 + tnef.readUInt32LE(at + 5);
    if (end > tnef.length) break;
    const octets = tnef.subarray(at + 9, end);
    if (id === Attribute.beginFile) {
      if (content.files.length === MAX_FILES) break;
      file = { filename: null, contentType: null, contentId: null, octets: Buffer.alloc(0) };
      content.files.push(file);
    } else if (id === Attribute.body) content.text ||= decode(withoutEnd(octets));
    else if (id === Attribute.messageProperties) content.text ||= textOf(propertiesIn(octets).get(Property.body), decode);
    else if (file && id === Attribute.fileName) file.filename ??= decode(withoutEnd(octets)) || null;
    else if (file && id === Attribute.fileOctets) file.octets = octets;
    else if (file && id === Attribute.fileProperties) describe(file, propertiesIn(octets), decode);
    at = end + 2; // a checksum follows
  }
  return content;
}

function describe(file: TnefFile, properties: ReadonlyMap<number, Value>, decode: DecodeString): void {
  const text = (property: number) => textOf(properties.get(property), decode) || null;
  file.filename = text(Property.longName) ?? file.filename ?? text(Property.shortName);
  file.contentType = text(Property.mediaType)?.toLowerCase() ?? null;
  file.contentId = text(Property.contentId)?.replace(/^<|>$/g, '') ?? null;
  const octets = properties.get(Property.octets);
  if (octets && file.octets.length === 0) file.octets = octets.type === OBJECT ? octets.octets.subarray(INTERFACE_ID) : octets.octets;
}

function textOf(value: Value | undefined, decode: DecodeString): string {
  if (!value) return '';
  return value.type === UNICODE ? value.octets.toString('utf16le').replace(/\0.*$/s, '') : decode(withoutEnd(value.octets));
}

/** A string ends with a NUL. */
function withoutEnd(octets: Buffer): Buffer {
  const end = octets.indexOf(0);
  return end < 0 ? octets : octets.subarray(0, end);
}

/** The properties that hold one value of variable length, by their ids (MS-OXTNEF 2.1.3.4). */
function propertiesIn(list: Buffer): Map<number, Value> {
  const found = new Map<number, Value>();
  const reader = new Reader(list);
  for (let left = Math.min(reader.number(), MAX_PROPERTIES); left > 0 && reader.inside; left--) {
    const tag = reader.number();
    const [type, id] = [tag & 0xffff, tag >>> 16];
    if (id >= FIRST_NAMED) reader.skipName();
    const one = type & ~MULTIPLE;
    const count = (type & MULTIPLE) !== 0 || VARIABLE.has(one) ? reader.number() : 1;
    const size = FIXED[one];
    if (size !== undefined) reader.octets(size * count);
    else if (VARIABLE.has(one)) {
      for (let each = 0; each < count && reader.inside; each++) {
        const octets = reader.octets(reader.number());
        if (count === 1) found.set(id, { type: one, octets });
      }
    } else break;
  }
  return found;
}

/** Reads numbers of four octets and runs of octets that are padded to four. */
class Reader {
  readonly #octets: Buffer;
  #at = 0;

  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  /** Whether all that was read was there. */
  get inside(): boolean {
    return this.#at <= this.#octets.length;
  }

  number(): number {
    const at = this.#at;
    this.#at += 4;
    return this.inside ? this.#octets.readUInt32LE(at) : 0;
  }

  octets(length: number): Buffer {
    const at = this.#at;
    this.#at += length + ((4 - (length % 4)) % 4);
    return this.#octets.subarray(at, at + length);
  }

  /** The name of a property that has one: a set, and a number or a string in it. */
  skipName(): void {
    this.octets(16);
    if (this.number() === 0) this.number();
    else this.octets(this.number());
  }
}
