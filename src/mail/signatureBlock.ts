import { isClosing } from './closing.ts';
import { isPictures } from './contact.ts';
import { type Author, contactsFrom, looksLikeName } from './contactBlock.ts';
import { isNotice } from './notice.ts';
import { wordsOf } from './quoteLocales.ts';
import { isWritten } from './written.ts';

/** A signature longer than this is text that happens to follow two dashes. */
const MAX_LINES = 15;
const MAX_LINE_LENGTH = 300;

/** `-- `, `--`, `––`; not `---` and not `- uno`. */
const DASHES = /^(?:--|––)[\s\u00a0]*$/;
/** `________`, `*****`, `-----`, `=====`, and the single point that a program for Gmail leaves behind; not `--`. */
const RULE = /^[\s>]{0,4}(?:([-_=*~#+─━–—])(?:\s?\1){4,}|ᐧ)\s*$/u;

/** `Enviado desde mi iPhone`, `Get Outlook for Android<https://aka.ms/x>`; not `Enviado desde ayer, sin respuesta. Por favor revisar`. */
const MOBILE = new RegExp(
  `^[\\s*_>(]{0,4}(?:${wordsOf('sentFrom')})(?![\\p{Ll}\\p{N}])[^.,;?¿]{0,60}(?:[.!][^.,?¿!]{0,12}){0,2}(?:<[^<>]{0,300}>|\\(https?:[^()\\s]{0,300}\\))?[.!)*_]{0,3}$`,
  'iu',
);
/** What a program says of itself instead, with its link, in any language: `Descargue Outlook para Android<https://aka.ms/x>`; not `No abre Outlook en Android`. */
const LINKED_PROMOTION = /^[^.!?:;]{0,60}outlook[^.!?:;]{0,40}[<(]https?:\/\/aka\.ms\/[^<>()\s]{1,60}[>)]$/iu;
/** Its slogan, or its line where the verb stands last: `Yahoo Mail: busca, organiza`, `iPadから送信`; not `iPad sin señal`. */
const SLOGAN =
  /^(?:yahoo\smail\s?[:–-][^.:?]{5,60}|(?:az\s)?(?:iphone|ipad|galaxy)[\p{L}’'-]{0,10}\s?(?:から送信|küldve|gönderildi|에서\s보냄))$/iu;
/** `Enviado desde mi POCO X5`: a thing of one's own with a name, even an unknown one; not `Sent from my desk`. */
const OWN_DEVICE =
  /\s(?:mi|my|meu|minha|mon|meinem|meiner|mijn|min|mio|mia)\s[\p{Lu}\d][^\s,;?]{0,20}(?:\s[\p{Lu}\d][^\s,;?]{0,20}){0,3}$/u;
const OPENING = new RegExp(`^[\\s*_>(]{0,4}(?:${wordsOf('sentFrom')})`, 'iu');
/** What some write behind the line of their telephone: `disculpe los errores`, `please excuse typos`; not `por favor revisar`. */
const EXCUSE = /[.,;!–-]\s.{0,40}(?:disculp|excus|perdon|desculp|entschuldig|brev|typo|ortogr|tild|autocorre).{0,60}$/iu;
/** What such lines name; the verb alone is not enough: `Enviado con copia a Ana`. */
const DEVICE =
  /i(?:phon|pad|os|pod)|android|outlook|mail\b|correo\b|e-?mail|messenger|blackberry|samsung|galaxy|huawei|superhuman|xiaomi|redmi|motorola|moto\s?[a-z]|nokia|lumia|windows|htc|wiko|oneplus|pixel|sony|xperia|lg\b|zte|alcatel|realme|oppo|vivo|honor|smartphone|handy|m[oó]vil|mobil|mobile|tel[eé]fono|celular|telefon|phone|tablet|tableta|device|dispositivo|yahoo|gmail|hotmail|proton|spark|mailspring|nylas|newton|typeapp|bluemail|k-9|airmail|thunderbird|zimbra|mailbox|aol|app\b|telefoon|ger[aä]t|puhelim|телефон|айфон|手机|手機|电脑/iu;

/** The footer that list servers add under a rule: `To unsubscribe send an email to x`, `USRP-users mailing list`. */
const LIST_FOOTER = /mailing\slist|lista\sde\scorreo|mailman|listinfo|unsubscribe/iu;

/** `Ana María Pérez`; not `Muchas gracias`, not `Ana`. */
const NAME = /^\s*\p{Lu}[\p{L}.'-]{1,30}(?:\s\p{Lu}[\p{L}.'-]{0,30}){1,3}\s*$/u;

function isSignatureDelimiter(line: string): boolean {
  return line.length < 40 && DASHES.test(line.trim());
}

export function isRule(line: string): boolean {
  return line.length <= 400 && RULE.test(line);
}

/** `[Outlook]`, U+2063; not `Outlook`. */
const BRACKETS_OR_UNSEEN = /[[\]\p{Default_Ignorable_Code_Point}]/u;
const ALL_BRACKETS_AND_UNSEEN = new RegExp(BRACKETS_OR_UNSEEN, 'gu');

/** The line that a telephone or program adds by itself: `Enviado desde mi iPhone`. */
export function isMobileSignature(line: string): boolean {
  if (line.length > MAX_LINE_LENGTH) return false;
  const bare = (BRACKETS_OR_UNSEEN.test(line) ? line.replaceAll(ALL_BRACKETS_AND_UNSEEN, '') : line).trim();
  if (SLOGAN.test(bare) || (bare.includes('aka.ms/') && LINKED_PROMOTION.test(bare))) return true;
  return OPENING.test(bare) && MOBILE.test(bare.replace(EXCUSE, '')) && (DEVICE.test(line) || OWN_DEVICE.test(bare));
}

interface Paragraph {
  start: number;
  end: number;
}

function paragraphsOf(lines: readonly string[], from: number, end: number): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let start = -1;
  for (let i = from; i <= end; i++) {
    const ends = i === end || lines[i]!.trim() === '' || isRule(lines[i]!);
    if (!ends && start < 0) start = i;
    if (!ends || start < 0) continue;
    paragraphs.push({ start, end: i });
    start = -1;
  }
  return paragraphs;
}

/** Where the notices and footers at the end of `lines` begin: `lines.length` when there are none. Only notices, rules and empty lines follow. */
function noticesFrom(lines: readonly string[], end: number): number {
  let from = end;
  for (const { start, end: after } of paragraphsOf(lines, Math.max(0, end - 200), end).reverse()) {
    if (!isNotice(lines.slice(start, after).join(' '))) break;
    from = start;
  }
  while (from > 0 && from < end && (isRule(lines[from - 1]!) || lines[from - 1]!.trim() === '')) from--;
  return from;
}

/** Where a list server's footer at the end begins. */
function listFooterFrom(lines: readonly string[], end: number): number {
  for (let i = end - 1; i >= Math.max(0, end - 8); i--) {
    if (!/^_{2,}\s*$/.test(lines[i]!)) continue;
    return lines.slice(i + 1, end).some((line) => LIST_FOOTER.test(line)) ? i : end;
  }
  return end;
}

/** `Ana Pérez`, `And here is my signature.`; not `Total: 4`, `Caso 1`. */
const NO_FIGURES = /^[^\d:?¿]{1,80}$/;

/**
 * Where a short block under a rule begins that ends the text: `______` and a few lines, or `-----` and a name. A rule of dashes right under a
 * line of text is the underlining of a heading, and figures under a rule are a sum.
 */
function ruledFrom(lines: readonly string[], end: number): number {
  for (let i = end - 2; i >= Math.max(0, end - MAX_LINES); i--) {
    const line = lines[i]!.trim();
    if (!/^(?:_{5,200}|-{3,40}|[—─]{5,40})$/.test(line)) continue;
    const filled = lines.slice(i + 1, end).filter((each) => each.trim() !== '');
    const first = filled[0]?.trim() ?? '';
    const signs = line.startsWith('_')
      ? NO_FIGURES.test(first)
      : filled.length <= 6 && (lines[i - 1] ?? '').trim() === '' && looksLikeName(first) && !isClosing([first]);
    return signs && !isWritten(filled) && filled.every((each) => each.length <= 80) ? i : end;
  }
  return end;
}

/** Where the block below two dashes begins, when what follows can be a signature. */
function delimitedFrom(lines: readonly string[], end: number): number {
  let from = end;
  for (let i = end - 1, filled = 0; i >= 0 && filled <= MAX_LINES; i--) {
    if (isSignatureDelimiter(lines[i]!)) {
      if (isWritten(lines.slice(i + 1, from))) return from;
      from = i;
    }
    if (lines[i]!.trim() !== '') filled++;
  }
  return from;
}

/** Where a telephone's line begins, with a name or dashes right above; what stands below it was not written by the author. */
function mobileFrom(lines: readonly string[], end: number): number {
  for (let i = 0; i < end; i++) {
    if (!isMobileSignature(lines[i]!)) continue;
    let next = i + 1;
    while (next < end && isPictures(lines[next]!)) next++;
    if (next < end && (lines[next]!.trim() !== '' || isWritten(lines.slice(next, Math.min(end, next + MAX_LINES))))) continue;
    const above = lines[i - 1] ?? '';
    return (NAME.test(above) || /^\s*[—–-]{1,2}\s*$/.test(above)) && lines.slice(0, i - 1).some((line) => line.trim() !== '') ? i - 1 : i;
  }
  return end;
}

/** `—`, `--`: dashes with nothing below them; not `-`. */
const LONE_DASHES = /^\s*(?:[—–]|--)\s*$/;

/** Rules, lone dashes and empty lines at the end say nothing. */
function blankFrom(lines: readonly string[], end: number): number {
  let from = end;
  while (from > 0 && (isRule(lines[from - 1]!) || LONE_DASHES.test(lines[from - 1]!) || lines[from - 1]!.trim() === '')) from--;
  return from;
}

/** `El aviso debe decir:`, `Ayuda con lo siguiente.`; not `Quedó listo.` */
const LEADS_OVER = /(?:[:：]|(?<!\p{L})(?:siguientes?|seguintes?|following)\s?[.?]?)\s*$/iu;

/** Does a line lead over to what stands below it, so that this is no signature? A closing does not: `Atentamente:`. */
export function leadsOver(line: string): boolean {
  return LEADS_OVER.test(line.slice(-20)) && !isClosing([line]);
}

/**
 * The index at which the signature begins: a block under `-- `, a telephone's line, notices of a company, the footer of a list. What stands
 * above it was written by the author; names and greetings without such a sign stay with the text.
 */
export function signatureStart(lines: readonly string[], author: Author | null): number {
  let end = lines.length;
  for (const find of [listFooterFrom, noticesFrom, delimitedFrom, mobileFrom, ruledFrom, noticesFrom, contactsFrom, blankFrom]) {
    const found = find(lines, end, author);
    const above = lines.slice(Math.max(0, found - 5), found).findLast((line) => line.trim() !== '' && !isClosing([line]));
    if (above === undefined || !leadsOver(above)) end = found;
  }
  return end;
}
