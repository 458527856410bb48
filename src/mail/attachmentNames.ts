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

/** Names the attachments of one message, one after the other: no name of ours is given twice. Data for people to read, never a path. */
export class AttachmentNames {
  readonly #taken = new Set<string>();
  /** The last number that each of our names got. */
  readonly #numbers = new Map<string, number>();

  /** As its sender named it, without hidden characters and not longer than 255, or a sensible name of ours. */
  nameOf(part: Part): string {
    const given = shortened(neutralLine(part.filename ?? ''));
    const name = given === '' ? this.#ownName(kindOf(part.type)) : given;
    this.#taken.add(name);
    return name;
  }

  #ownName([name, extension]: [name: string, extension: string]): string {
    const kind = `${name}.${extension}`;
    let number = this.#numbers.get(kind) ?? 0;
    let found: string;
    do found = `${name}-${++number}.${extension}`;
    while (this.#taken.has(found));
    this.#numbers.set(kind, number);
    return found;
  }
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
