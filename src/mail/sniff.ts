/** How many octets `sniffedType` wants to see. */
export const SNIFF_BYTES = 16;

/** What files of a type begin with, in latin1, and where. */
const SIGNATURES: readonly (readonly [signature: string, type: string, offset?: number])[] = [
  ['%PDF-', 'application/pdf'],
  ['\x89PNG\r\n\x1a\n', 'image/png'],
  ['\xff\xd8\xff', 'image/jpeg'],
  ['GIF87a', 'image/gif'],
  ['GIF89a', 'image/gif'],
  ['BM', 'image/bmp'],
  ['WEBP', 'image/webp', 8],
  ['II*\0', 'image/tiff'],
  ['MM\0*', 'image/tiff'],
  ['PK\x03\x04', 'application/zip'],
  ['Rar!\x1a\x07', 'application/vnd.rar'],
  ["7z\xbc\xaf'\x1c", 'application/x-7z-compressed'],
  ['\x1f\x8b', 'application/gzip'],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'application/x-ole-storage'],
  ['{\\rtf', 'application/rtf'],
  ['MZ', 'application/vnd.microsoft.portable-executable'],
  ['\x7fELF', 'application/x-executable'],
  ['x\x9f>"', 'application/ms-tnef'],
];

/** Types that are kept in a container of a more general type: each OpenDocument or Office file is a zip or an OLE storage. */
const CONTAINED: Readonly<Record<string, RegExp>> = {
  'application/zip': /^application\/(?:vnd\.|zip|x-zip|java-archive|epub)/,
  'application/x-ole-storage': /^application\/(?:msword|vnd\.ms-|x-msi|ms-)/,
  'application/gzip': /^application\/(?:x-)?(?:gzip|gtar|tar|compressed)/,
  'application/rtf': /^(?:text|application)\/(?:rtf|richtext|msword)/,
  'application/vnd.microsoft.portable-executable': /^application\/x-(?:msdownload|dosexec|msdos-program)/,
  'application/ms-tnef': /^application\/vnd\.ms-tnef/,
  'image/jpeg': /^image\/p?jpe?g/,
  'image/bmp': /^image\/(?:x-ms-|x-)?bmp/,
};

/**
 * What the first octets of an attachment say that it is, when they say something and it is not what was declared; else null.
 * @param declared lower case
 */
export function sniffedType(start: Buffer, declared: string): string | null {
  const text = start.toString('latin1');
  const found = SIGNATURES.find(([signature, , offset = 0]) => text.startsWith(signature, offset))?.[1];
  if (!found || found === declared || CONTAINED[found]?.test(declared)) return null;
  return found;
}
