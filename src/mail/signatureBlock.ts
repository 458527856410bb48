import { isClosing } from './closing.ts';
import { isContact, isPictures } from './contact.ts';
import { type Author, contactsFrom, isSentence, looksLikeName } from './contactBlock.ts';
import { hasNoticeWord, isNotice } from './notice.ts';
import { wordsOf } from './quoteLocales.ts';
import { isWritten } from './written.ts';

/** A signature longer than this is text that happens to follow two dashes. */
const MAX_LINES = 15;
const MAX_LINE_LENGTH = 300;
/** Lines that a block under dashes or other signs has. */
const MAX_SIGNED = 6;

/** `-- `, `--`, `––`; not `---` and not `- uno`. */
const DASHES = /^(?:--|––)[\s\u00a0]*$/;
/** `__`, `---`, `–`: a rule too short to be one elsewhere; not `-`. */
const SHORT_RULE = /^\s*(?:([-–—_=*~#])\1{1,3}|[–—])\s*$/;
/** `________`, `*****`, `-----`, `=====`, and the single point that a program for Gmail leaves behind; not `--`. */
const RULE = /^[\s>]{0,4}(?:([-_=*~#+─━–—])(?:\s?\1){4,}|ᐧ)\s*$/u;

/** `This message was`, `Este correo ha sido`. */
const THIS_MAIL_WAS =
  '(?:(?:this|este|cet|diese|questo|questa|esta)\\s)?(?:message|e-?mail|mail|mensaje|correo|mensagem|nachricht|messaggio)(?:\\s(?:was|has\\sbeen|fue|ha\\ssido|foi|wurde|[eè]\\sstato))?';
/** `Enviado desde`, `This message was sent from my`, as each language says it. */
const SENT_FROM = `^[\\s*_>(]{0,4}(?:${THIS_MAIL_WAS}\\s)?(?:${wordsOf('sentFrom')})`;
const OPENING = new RegExp(SENT_FROM, 'iu');
/** `Enviado desde mi iPhone`, `Sent from my Verizon, Samsung Galaxy smartphone`; not `Enviado desde ayer, sin respuesta. Por favor revisar`. */
const MOBILE = new RegExp(
  `${SENT_FROM}(?![\\p{Ll}\\p{N}])(?:[^.,;?¿]|\\.(?=\\p{L})|,\\s(?-i:\\p{Lu})){0,60}(?:[.!][^.,?¿!]{0,12}){0,2}(?:\\(\\s?https?:[^()\\s]{0,300}\\s?\\))?[.!)*_]{0,3}$`,
  'iu',
);
/** Links between the words: `Mail<https://go.example/x> for Windows`. */
const LINKS = /<[a-z]{2,8}:[^<>]{0,300}>/gi;
/** What makes a sentence of it: `Enviado desde mi celular pero no llega`. */
const CLAUSE = /\s(?:pero|porque|que|cuando|y|but|because|when|and|mas|quando|aber|mais)\s/iu;
/** The name of a program, with a capital: `Outlook`, `BlueMail`, `Yahoo Mail`; not `el instalador`. */
const APP = '(?=\\S{0,14}(?-i:\\p{Lu}))[\\p{L}\\d-]{2,15}(?:\\s[\\p{L}\\d-]{2,15})?';
/** What a program says of itself instead: `Obtener BlueMail para Android`; not `Obtener el log para Android`. */
const PROMOTION = new RegExp(
  `^[\\s*_>(]{0,4}(?:${wordsOf('getApp').replaceAll('…', APP)})\\s(?:android|ios|iphone|ipad|mac|windows)\\p{L}{0,6}\\s?\\(?(?:https?:[^()\\s]{0,300})?\\)?[.!*_]{0,3}$`,
  'iu',
);
/** The same with its link, in any language: `Descargue Outlook para Android<https://aka.ms/x>`; not `No abre Outlook en Android`. */
const LINKED_PROMOTION = /^[^.!?:;]{0,60}outlook[^.!?:;]{0,40}[<(]https?:\/\/aka\.ms\/[^<>()\s]{1,60}[>)]$/iu;
/** Its slogan, or its line where the verb stands last: `Yahoo Mail: busca, organiza`, `iPadから送信`; not `iPad sin señal`. */
const SLOGAN =
  /^(?:yahoo\smail\s?[:–-][^.:?]{5,60}|(?:az\s|私の|내\s)?(?:iphone|ipad|galaxy)[\p{L}’'-]{0,10}\s?(?:から送信|küldve|gönderildi|에서\s보냄))$/iu;
/** `Enviado desde mi POCO X5`: a thing of one's own with a name, even an unknown one; not `Sent from my desk`. */
const OWN_DEVICE =
  /\s(?:mi|my|meu|minha|mon|meinem|meiner|mijn|min|mio|mia)\s[\p{Lu}\d][^\s,;?]{0,20}(?:\s[\p{Lu}\d][^\s,;?]{0,20}){0,3}$/u;
/** What some write behind the line of their telephone: `disculpe los errores`, `please excuse typos`; not `por favor revisar`. */
const EXCUSE = /[.,;!–-]\s.{0,40}(?:disculp|excus|perdon|desculp|entschuldig|brev|typo|ortogr|tild|autocorre).{0,60}$/iu;
/** What such lines name; the verb alone is not enough: `Enviado con copia a Ana`. */
const DEVICE =
  /i(?:phon|pad|os|pod)|android|outlook|mail\b|correo\b|e-?mail|messenger|blackberry|samsung|galaxy|huawei|superhuman|xiaomi|redmi|motorola|moto\s?[a-z]|nokia|lumia|windows|htc|wiko|oneplus|pixel|sony|xperia|lg\b|zte|alcatel|realme|oppo|vivo|honor|smartphone|handy|m[oó]vil|mobil|mobile|tel[eé]fono|celular|telefon|phone|tablet|tableta|device|dispositivo|yahoo|gmail|hotmail|proton|tutanota|spark|mailspring|mailbird|em\sclient|unibox|surface|inbox|nylas|newton|typeapp|bluemail|k-9|airmail|thunderbird|zimbra|mailbox|aol|app\b|telefoon|ger[aä]t|puhelim|телефон|айфон|почт|яндекс|手机|手機|电脑/iu;

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

/** An empty line, or one of signs only, which says nothing itself. */
export function isGap(line: string): boolean {
  return line.trim() === '' || isRule(line) || SHORT_RULE.test(line);
}

/** Brackets, quotation marks and signs without width: `[Outlook]`, U+2063; not `Outlook`. */
const DECORATION = /[[\]"“”«»\p{Default_Ignorable_Code_Point}]/u;
const ALL_DECORATION = new RegExp(DECORATION, 'gu');

/** A line without what programs put around and between its words. */
function undecorated(line: string): string {
  return (DECORATION.test(line) ? line.replaceAll(ALL_DECORATION, '') : line).replaceAll(LINKS, '').trim();
}

/** The line that a telephone or program adds by itself: `Enviado desde mi iPhone`. */
export function isMobileSignature(line: string): boolean {
  if (line.length > MAX_LINE_LENGTH) return false;
  const bare = undecorated(line);
  if (SLOGAN.test(bare) || PROMOTION.test(bare) || (line.includes('aka.ms/') && LINKED_PROMOTION.test(line.trim()))) return true;
  if (!OPENING.test(bare)) return false;
  const said = bare.replace(EXCUSE, '');
  return MOBILE.test(said) && !CLAUSE.test(said) && (DEVICE.test(line) || OWN_DEVICE.test(bare));
}

interface Paragraph {
  start: number;
  end: number;
}

function paragraphsOf(lines: readonly string[], from: number, end: number): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let start = -1;
  for (let i = from; i <= end; i++) {
    const ends = i === end || isGap(lines[i]!);
    if (!ends && start < 0) start = i;
    if (!ends || start < 0) continue;
    paragraphs.push({ start, end: i });
    start = -1;
  }
  return paragraphs;
}

/** Lines that may stand right above a notice, without an empty one. */
const MAX_ABOVE_NOTICE = 8;

/** The line of a paragraph at which its notice begins: at the top, or below sentences and names that say nothing a notice says. `end` when it has none. */
function noticeIn(lines: readonly string[], start: number, end: number): number {
  let below = start;
  while (below < end && below - start < MAX_ABOVE_NOTICE && isApart(lines[below]!.trim())) below++;
  return [below, start].find((from) => isNotice(lines.slice(from, end).join(' '))) ?? end;
}

function isApart(line: string): boolean {
  return line.length <= MAX_LINE_LENGTH && (/[.!?:,]$/.test(line) || looksLikeName(line)) && !hasNoticeWord(line);
}

/** Where the notices and footers at the end of `lines` begin: `lines.length` when there are none. Only notices, rules and empty lines follow. */
function noticesFrom(lines: readonly string[], end: number): number {
  let from = end;
  for (const { start, end: after } of paragraphsOf(lines, Math.max(0, end - 200), end).reverse()) {
    const notice = noticeIn(lines, start, after);
    if (notice < after) from = notice;
    if (notice > start) break;
  }
  while (from > 0 && from < end && isGap(lines[from - 1]!)) from--;
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

/** `Ana Pérez`, `And here is my signature.`; not `Total: 4`, `Caso 1`, `es viejo`. */
const NO_FIGURES = /^(?!\p{Ll})[^\d:?¿]{1,80}$/u;

/** What a block of a few lines may stand under: `____`, `-----`, `*****`; not `--`, which is asked for by itself, nor a lone `—`. */
const BLOCK_RULE = /^(?:_{2,200}|-{3,40}|[—–─━]{2,40}|([=*~#+])\1{2,80})$/;

/**
 * Does a block that ends the text sign it, under a rule of that form? Under a line to write on, it has no figures: these would be a sum. Under
 * dashes it begins with a name, and under other signs, with which programs frame what they print, with a person's.
 */
function signsUnder(rule: string, block: readonly string[]): boolean {
  const first = block[0]?.trim() ?? '';
  if (/^_{5}/.test(rule)) return NO_FIGURES.test(first);
  if (block.length > MAX_SIGNED || isClosing([first]) || !looksLikeName(first) || block.some(isSentence)) return false;
  if (/^(?:-{3}|[—─]{5})/.test(rule)) return true;
  return block.some(isContact) || (NAME.test(first) && /\p{Ll}/u.test(first) && !block.some(isGap));
}

/** Where a short block under a rule begins that ends the text. A rule of signs right under a line of text is the underlining of a heading. */
function ruledFrom(lines: readonly string[], end: number): number {
  for (let i = end - 2; i >= Math.max(0, end - MAX_LINES); i--) {
    const rule = lines[i]!.trim();
    if (!BLOCK_RULE.test(rule)) continue;
    const block = lines.slice(i + 1, end).filter((each) => each.trim() !== '');
    const apart = /^_{5}/.test(rule) || (lines[i - 1] ?? '').trim() === '';
    return apart && signsUnder(rule, block) && !isWritten(block) && block.every((each) => each.length <= 80) ? i : end;
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

/** Rules and empty lines at the end say nothing. */
function blankFrom(lines: readonly string[], end: number): number {
  let from = end;
  while (from > 0 && isGap(lines[from - 1]!)) from--;
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
