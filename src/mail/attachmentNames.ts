import { neutralLine } from './neutral.ts';
import type { Part } from './part.ts';

/** Names for what the sender did not name, by media type; `$1` is the subtype. */
const KINDS: readonly (readonly [type: RegExp, name: string, extension: string])[] = [
  [/^text\/calendar$/, 'invitacion', 'ics'],
  [/^message\/(?:rfc822|global)$/, 'mensaje', 'eml'],
  [/^message\//, 'informe', 'txt'],
  [/^image\/p?jpe?g$/, 'imagen', 'jpg'],
  [/^image\/svg\+xml$/, 'imagen', 'svg'],
  [/^image\/(?:x-)?([a-z0-9]{1,8})$/, 'imagen', '$1'],
  [/^audio\/(?:x-)?([a-z0-9]{1,8})$/, 'audio', '$1'],
  [/^video\/(?:x-)?([a-z0-9]{1,8})$/, 'video', '$1'],
  [/^text\/(html|csv|xml|css)$/, 'texto', '$1'],
  [/^text\//, 'texto', 'txt'],
  [/^application\/(pdf|zip|json|xml|rtf)$/, 'documento', '$1'],
  [/^application\/(?:vnd\.)?ms-tnef$/, 'winmail', 'dat'],
  [/^application\/(?:x-)?pkcs7-mime$/, 'smime', 'p7m'],
  [/^application\/(?:x-)?pkcs7-signature$/, 'firma', 'p7s'],
  [/^application\/pgp-signature$/, 'firma', 'asc'],
  [/^application\/pgp-encrypted$/, 'pgp', 'txt'],
];

const MAX_NAME = 255;

/**
 * What an attachment is called: as its sender named it, without hidden characters and not longer than 255, or a sensible name of ours. Data
 * for people to read, never a path.
 * @param taken names that other attachments of the message have
 */
export function attachmentName(part: Part, taken: readonly string[]): string {
  const given = neutralLine(part.filename ?? '');
  if (given !== '') return shortened(given);
  const [name, extension] = kindOf(part.type);
  let number = 1;
  while (taken.includes(`${name}-${number}.${extension}`)) number++;
  return `${name}-${number}.${extension}`;
}

function kindOf(type: string): [name: string, extension: string] {
  for (const [pattern, name, extension] of KINDS) {
    const match = pattern.exec(type);
    if (match) return [name, extension.replace('$1', match[1] ?? '')];
  }
  return ['adjunto', 'bin'];
}

function shortened(name: string): string {
  if (name.length <= MAX_NAME) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 12 ? name.slice(dot) : '';
  return name.slice(0, MAX_NAME - extension.length) + extension;
}
