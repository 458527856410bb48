import { wordsOf } from './quoteLocales.ts';

/** A signature longer than this is text that happens to follow two dashes. */
const MAX_LINES = 15;
const MAX_LINE_LENGTH = 300;

/** `-- `, `--`, `—`; not `---` and not `- uno`. */
const DASHES = /^(?:--|––)[\s\u00a0]*$/;
/** `________`, `*****`, `-----`, `=====`, and the single point that a program for Gmail leaves behind; not `--`. */
const RULE = /^[\s>]{0,4}(?:([-_=*~#+─━–—])(?:\s?\1){4,}|ᐧ)\s*$/u;

/** `Enviado desde mi iPhone`, `Get Outlook for Android<https://aka.ms/x>`; not `Enviado desde ayer, sin respuesta. Por favor revisar`. */
const MOBILE = new RegExp(
  `^[\\s*_>(]{0,4}(?:${wordsOf('sentFrom')})(?![\\p{Ll}\\p{N}])[^.,;?¿]{0,60}(?:[.!][^.,?¿!]{0,12}){0,2}(?:<[^<>]{0,300}>|\\(https?:[^()\\s]{0,300}\\))?[.!)*_]{0,3}$`,
  'iu',
);
/** What such lines name; the verb alone is not enough: `Enviado con copia a Ana`. */
const DEVICE =
  /i(?:phone|pad|os|pod)|android|outlook|mail\b|correo\b|e-?mail|messenger|blackberry|samsung|galaxy|huawei|xiaomi|redmi|motorola|moto\s?[a-z]|nokia|lumia|windows|htc|wiko|oneplus|pixel|sony|xperia|lg\b|zte|alcatel|realme|oppo|vivo|honor|smartphone|handy|m[oó]vil|mobil|mobile|tel[eé]fono|celular|telefon|phone|tablet|tableta|device|dispositivo|yahoo|gmail|hotmail|proton|spark|mailspring|nylas|newton|typeapp|bluemail|k-9|airmail|thunderbird|zimbra|mailbox|aol|app\b|telefoon|ger[aä]t|puhelim|телефон|айфон|手机|手機|电脑/iu;

/** Bodies in which a mail begins to be a notice of its company and not of its author. */
const NOTICE_TITLE =
  /^[\s*_>#-]{0,6}(?:avisos?\s(?:legal|de\sconfidencialidad|de\sprivacidad|importante)|nota\s(?:de\sconfidencialidad|legal|confidencial)|cl[aá]usula\sde\sconfidencialidad|aviso\sde\sprivacidade|aviso\slegal|advertencia\slegal|disclaimer|confidentiality(?:\snotice)?|legal\s(?:notice|disclaimer)|privileged|confidencial(?:idad|idade)?\b|confidential\b|descargo\sde\sresponsabilidad|rechtlicher\shinweis|avis\sde\sconfidentialit[eé]|protecci[oó]n\sde\sdatos|(?:en\scumplimiento|en\svirtud|de\sconformidad|de\sacuerdo)\s.{0,40}ley\s(?:estatutaria\s)?1581)/iu;
/** Words of such notices; three different ones make a paragraph a notice. */
const NOTICE_WORDS: readonly RegExp[] = [
  /confiden[ct]|vertraulich/iu,
  /privileg/iu,
  /destinat[aáà]ri|(?:intended|named)\s(?:only\s)?(?:recipient|for)|addressee|empf[aä]nger|adressat|intended\s(?:solely|only)|exclusiv[oa]\s(?:de|para)|uso\sexclusivo|use\sof\s(?:the\s)?(?:individual|named|addressee)/iu,
  /prohib|proib|unbefugt|nicht\sgestattet|interdit|strictly\sforbidden|no\s(?:est[aá]\s)?autorizad|unauthori[sz]ed|n[aã]o\sautorizad/iu,
  /por\serror|por\sengano|in\serror|by\smistake|por\sequivocaci[oó]n|erroneamente|irrt[uü]mlich|versehentlich|par\serreur/iu,
  /notif(?:y|i)|av[ií]s(?:e|ar)|inform(?:e|ar)\s(?:al|ao|inmediat|imediat)|comun[ií](?:que|car)|please\s(?:contact|e-?mail|inform)/iu,
  /elim[ií]n|b[oó]rr|delet|destru|apag(?:ue|ar)|destroy|vernicht|l[oö]sch|d[eé]trui/iu,
  /divulg|disclos|distribu|difusi[oó]n|dissemin|copi(?:a|ed|ar|arse|ado)\b|reproduc/iu,
  /virus|malware|screened|scanned|escaneado/iu,
  /opini(?:on|ón|ã)|views|no\s(?:representa|compromete)|responsab|liab(?:le|ility)|not\snecessarily/iu,
  /ley\s1581|habeas\sdata|datos\spersonales|dados\spessoais|data\sprotection|rgpd|gdpr|lgpd|tratamiento\sde/iu,
  /monitor|recorded|logged|policy|intercept/iu,
  /(?:este|esta)\s(?:mensaje|correo|e-?mail|mensagem|comunicaci[oó]n)|this\s(?:e-?mail|message|communication|transmission)|contenid[ao]\sen\seste|diese\se-?mail|ce\smessage/iu,
];
/** One of the three must be of these: `información confidencial`; not `borrado por error, informe al área`. */
const NOTICE_ANCHOR =
  /confiden[ct]|vertraulich|privileg|destinatari|recipient|addressee|empf[aä]nger|ley\s1581|habeas\sdata|datos\spersonales|opini(?:on|ón|ã)|not\snecessarily|monitor|recorded/iu;
/** Short standing lines of footers: `Antes de imprimir este correo piense en el ambiente`, `Libre de virus. www.avast.com`; not `Antes de ayer`. */
const FOOTER =
  /^[\s*_>]{0,4}(?:(?:antes\sde\simprimir|por\sfavor,?\s(?:considere|piense\sen)\sel\s(?:medio\s)?ambiente|no\simprima|please\s(?:consider|think)\s(?:of\s)?(?:the\senvironment|before\sprinting)|before\sprinting|antes\sde\simprimir\s(?:este|pense)|piense\sen\sel|(?:libre\sde|livre\sde)\sv[ií]rus|virus-free|este\s(?:correo|mensaje).{0,60}(?:avast|antivirus|virus)|this\se-?mail\s(?:has\sbeen|was)\s(?:checked|scanned)|scanned\sby|this\smessage\shas\sbeen\sscanned|the\soriginal\sof\sthis\semail\swas\sscanned)|you\sreceived\sthis\smessage\sbecause|to\sunsubscribe|unsubscribe|para\s(?:anular|cancelar)\s(?:la|su)\ssuscripci[oó]n)/iu;
/** The footer that list servers add under a rule: `To unsubscribe send an email to x`, `USRP-users mailing list`. */
const LIST_FOOTER = /mailing\slist|lista\sde\scorreo|mailman|listinfo|unsubscribe/iu;

/** The words that end a letter: `Cordialmente,`, `Quedo atento, saludos`, `Best regards`; not `Gracias a eso funciona`. */
const CLOSING =
  /^[\s*_]{0,4}(?:(?:muchas\s|mil\s)?gracias(?:\s(?:y|por|de\santemano)\s[\p{L}\s]{0,40})?|(?:muy\s)?cordialmente|atentamente|att?e?\b\.?|(?:un\s|con\sun\s|reciba\sun\s)?(?:cordial\s|atento\s)?saludos?(?:\scordial(?:es)?)?|(?:quedo|quedamos)\s(?:muy\s)?atent[oa]s?|feliz\s(?:d[ií]a|tarde|semana)|un\sabrazo|best(?:\sregards|\swishes)?|(?:kind|warm)?\s?regards|(?:many\s|kind\s)?thanks|thank\syou|cheers|(?:yours\s)?sincerely|yours|(?:muito\s)?obrigad[oa]|atenciosamente|(?:um\s)?abra[cç]os?|cumprimentos|cordialement|bien\s[aà]\svous|mit\sfreundlichen\sgr[uü](?:ß|ss)en|(?:viele|liebe|beste)\sgr[uü](?:ß|ss)e|mfg|cordiali\ssaluti|met\svriendelijke\sgroet(?:en)?|med\sv[aä]nlig(?:a)?\sh[aä]lsning(?:ar)?|mvh)[\s,.;!*_]{0,5}(?<name>.{0,40})$/iu;
/** `Ana María Pérez`; not `Muchas gracias`, not `Ana`. */
const NAME = /^\s*\p{Lu}[\p{L}.'-]{1,30}(?:\s\p{Lu}[\p{L}.'-]{0,30}){1,3}\s*$/u;
/** A detail by which one can be reached: a telephone, an address of mail, web or street. */
const CONTACT =
  /(?:\b(?:tel[eé]?f?\w{0,6}|pbx|cel\w{0,5}|m[oó]vil|mobile?|phone|fax|ext\w{0,6}|whatsapp|direct|office)\b.{0,12}\d{3})|(?:\+\d{1,3}[\s().-]{0,3}\d|\(\d{1,4}\)\s?\d{3})|[^\s@<]{1,64}@[^\s@>]{1,200}\.\p{L}{2,}|\bwww\.|https?:\/\/|\b(?:calle|carrera|cra|cll|kr|avenida|av|transversal|diagonal|autopista|km|rua|street|suite)\b\.?\s.{0,20}\d/iu;
/** One of these is in each of them; cheap, so that most lines are asked nothing more. */
const CONTACT_SIGN = /[\d@]|www\.|https?:/i;
const MAX_CONTACT_LINES = 16;

function isContact(line: string): boolean {
  return CONTACT_SIGN.test(line) && CONTACT.test(line);
}

export function isSignatureDelimiter(line: string): boolean {
  return line.length < 40 && DASHES.test(line.trim());
}

export function isRule(line: string): boolean {
  return line.length <= 400 && RULE.test(line);
}

/** The line that a telephone or program adds by itself: `Enviado desde mi iPhone`. */
export function isMobileSignature(line: string): boolean {
  return line.length <= MAX_LINE_LENGTH && MOBILE.test(line.trim().replaceAll(/[[\]]/g, '')) && DEVICE.test(line);
}

/** A paragraph of a legal notice or of a mail program's or company's footer. */
function isNotice(paragraph: string): boolean {
  const head = paragraph.slice(0, 3000);
  if (FOOTER.test(head)) return head.length < 500;
  if (NOTICE_TITLE.test(head) && head.length < 60) return true;
  if (head.length < 80) return false;
  const hits = NOTICE_WORDS.filter((word) => word.test(head)).length;
  const titled = NOTICE_TITLE.test(head);
  return titled ? hits >= 1 : hits >= 3 && NOTICE_ANCHOR.test(head);
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

/**
 * Where a short block under a rule begins that ends the text: `______` and a few lines, or `-----` and a name. A rule of dashes right under a
 * line of text is the underlining of a heading.
 */
function ruledFrom(lines: readonly string[], end: number): number {
  for (let i = end - 2; i >= Math.max(0, end - MAX_LINES); i--) {
    const line = lines[i]!.trim();
    if (!/^(?:_{5,200}|-{3,8})$/.test(line)) continue;
    const filled = lines.slice(i + 1, end).filter((each) => each.trim() !== '');
    const signs = line.startsWith('_') || (filled.length <= 6 && (lines[i - 1] ?? '').trim() === '' && looksLikeName(filled[0] ?? ''));
    return signs && filled.every((each) => each.length <= 80) ? i : end;
  }
  return end;
}

/** Where the block below two dashes begins, when what follows can be a signature. */
function delimitedFrom(lines: readonly string[], end: number): number {
  let from = end;
  for (let i = end - 1, filled = 0; i >= 0 && filled <= MAX_LINES; i--) {
    if (isSignatureDelimiter(lines[i]!)) from = i;
    if (lines[i]!.trim() !== '') filled++;
  }
  return from;
}

/** `ANA PÉREZ`, `*Ing. Ana Pérez*`, `Ana`; not `El teléfono es 555`. */
function looksLikeName(line: string): boolean {
  return /^[*_\s[]{0,3}\p{Lu}[^\d@:?]{1,60}$/u.test(line) && line.split(/\s+/, 8).length <= 6;
}

/**
 * Where the block of name, post and contact details below a closing begins: `Cordialmente,` stays with the text. Two contact details at least
 * and short lines only, so that a name alone is never taken away.
 */
function contactsFrom(lines: readonly string[], end: number): number {
  let contacts = 0;
  let below = '';
  for (let i = end - 1, filled = 0; i >= 0 && filled <= MAX_CONTACT_LINES; i--) {
    const line = lines[i]!.trim();
    if (line === '') continue;
    filled++;
    if (line.length > 160) return end;
    const contact = isContact(line);
    if (!contact && CLOSING.test(line)) return contacts >= 2 && looksLikeName(below) ? i + 1 : end;
    if (contact) contacts++;
    below = line;
  }
  return end;
}

/** Is it no more than `Saludos,` and a name? */
export function isClosing(lines: readonly string[]): boolean {
  const filled = lines.filter((line) => line.trim() !== '');
  return filled.length > 0 && filled.length <= 3 && filled.every((line) => line.length <= 60) && CLOSING.test(filled[0]!);
}

/** Where a telephone's line begins; what stands below it was not written by the author. */
function mobileFrom(lines: readonly string[], end: number): number {
  for (let i = 0; i < end; i++) {
    if (!isMobileSignature(lines[i]!)) continue;
    if (i + 1 < end && lines[i + 1]!.trim() !== '') continue;
    const above = lines[i - 1] ?? '';
    return (NAME.test(above) || /^\s*[—–-]{1,2}\s*$/.test(above)) && lines.slice(0, i - 1).some((line) => line.trim() !== '') ? i - 1 : i;
  }
  return end;
}

/** Rules and empty lines at the end say nothing. */
function blankFrom(lines: readonly string[], end: number): number {
  let from = end;
  while (from > 0 && (isRule(lines[from - 1]!) || lines[from - 1]!.trim() === '')) from--;
  return from;
}

/** Does a line lead over to what stands below it? `El aviso debe decir:`; not `Atentamente:`. */
export function leadsOver(line: string): boolean {
  return /[:：]\s*$/.test(line.slice(-20)) && !isClosing([line]);
}

/**
 * The index at which the signature begins: a block under `-- `, a telephone's line, notices of a company, the footer of a list. What stands
 * above it was written by the author; names and greetings without such a sign stay with the text.
 */
export function signatureStart(lines: readonly string[]): number {
  let end = lines.length;
  for (const find of [listFooterFrom, noticesFrom, delimitedFrom, mobileFrom, ruledFrom, noticesFrom, contactsFrom, blankFrom])
    end = find(lines, end);
  return end;
}
