import { asks } from './written.ts';

/** How long a paragraph is looked at, a footer at most, and a notice at least. */
const MAX_LOOKED = 3000;
const MAX_FOOTER = 500;
const MIN_NOTICE = 80;
/** `<https://www.avast.com/x>`; not `a < b`. */
const LINKS = /<[^<>]{0,400}>/g;

/** How a notice of a company begins, not of the author: `AVISO DE CONFIDENCIALIDAD:`, `Legal notice`; not `Aviso importante: mañana no hay servicio`. */
const NOTICE_TITLE =
  /^[\s*_>#-]{0,6}(?:aviso\s(?:legal|de\s(?:confidencialidad|privacidad|privacidade))|nota\s(?:de\sconfidencialidad|legal|confidencial)|cl[aá]usula\sde\sconfidencialidad|advertencia\slegal|disclaimer|confidentiality(?:\snotice)?|legal\s(?:notice|disclaimer)|descargo\sde\sresponsabilidad|rechtlicher\shinweis|avis\sde\sconfidentialit[eé])(?!\p{L})/iu;
/** The law on personal data, and words that speak of the reader's: `sus datos`, `le informamos`; not `La Ley 1581 exige eliminar los datos`. */
const DATA_LAW = /ley\s(?:estatutaria\s)?1581|habeas\sdata|2016\/679|gdpr|rgpd|lgpd|protecci[oó]n\sde\sdatos/iu;
const YOUR_DATA =
  /sus\s(?:datos|derechos)|le\sinformamos|nuestr[ao]s?\s(?:pol[ií]tica|base|p[aá]gina|sitio|web)|suoi\sdati|seus\sdados|your\s(?:personal\s)?data/giu;
/** `este mensaje`, `this e-mail`; not `este sistema`. */
const THIS_MAIL =
  /(?:este|esta)\s(?:mensaje|correo|e-?mail|mensagem|comunicaci[oó]n)|this\s(?:e-?mail|message|communication|transmission)|contenid[ao]\sen\seste|diese\se-?mail|ce\smessage|quest[oa]\s(?:messaggio|comunicazione|e-?mail)/iu;
/** Words of such notices; three different ones make a paragraph a notice, if it also says one of what only notices say. */
const NOTICE_WORDS: readonly RegExp[] = [
  /confiden[ct]|vertraulich|riservat/iu,
  /privileg/iu,
  /destinat[aáà]ri|(?:intended|named)\s(?:only\s)?(?:recipient|for)|addressee|empf[aä]nger|adressat|intended\s(?:solely|only)|exclusiv[oa]\s(?:de|para)|uso\sexclusivo|use\sof\s(?:the\s)?(?:individual|named|addressee)/iu,
  /prohib|proib|unbefugt|nicht\sgestattet|interdit|strictly\sforbidden|no\s(?:est[aá]\s)?autorizad|unauthori[sz]ed|n[aã]o\sautorizad/iu,
  /por\serror|por\sengano|in\serror|by\smistake|por\sequivocaci[oó]n|erroneamente|irrt[uü]mlich|versehentlich|par\serreur|per\serrore/iu,
  /notif(?:y|i)|av[ií]s(?:e|ar)|avvis|inform(?:e|ar)\s(?:al|ao|inmediat|imediat)|comun[ií](?:que|car)|please\s(?:contact|e-?mail|inform)/iu,
  /elim[ií]n|b[oó]rr|delet|destru|apag(?:ue|ar)|destroy|vernicht|l[oö]sch|d[eé]trui/iu,
  /divulg|disclos|distribu|difusi[oó]n|dissemin|copi(?:a|ed|ar|arse|ado)\b|reproduc/iu,
  /virus|malware|screened|scanned|escaneado/iu,
  /opini(?:on|ón|ã)|views|no\s(?:representa|compromete)|responsab|liab(?:le|ility)|not\snecessarily/iu,
  /ley\s1581|habeas\sdata|datos\spersonales|dados\spessoais|data\sprotection|rgpd|gdpr|lgpd|tratamiento\sde/iu,
  /monitor|recorded|logged|policy|intercept/iu,
  THIS_MAIL,
];
/** What only a notice says to its reader. `Si usted no es el destinatario`, `if received in error`; not `si el usuario no es el dueño`. */
const NOT_FOR_YOU =
  /(?<!\p{L})(?:(?:si|de\sno\sser)\s(?:usted|ud\.?|no\ses)\s.{0,60}destinatari|if\syou\s.{0,40}not\s|se\svoc[eê]\sn[aã]o\s|(?:wenn|falls|sollten)\ssie\s.{0,20}nicht\s|si\svous\sn[’']?[eê]tes\spas|recib.{0,60}(?:error|equivoc)|(?:receiv|re[cç]u).{0,60}(?:error|mistake|erreur)|(?:receb|recep).{0,60}(?:engano|erro)|(?:irrt[uü]m|versehentlich).{0,40}erhalten|(?:pervenut|ricevut).{0,60}errore|must\snot\sbe\s(?:read|copied|disclosed))/iu;
/** `confidencial y de uso exclusivo`, which a notice says of the mail that it stands in; not `el informe es confidencial`. */
const ONLY_FOR_ONE =
  /(?:confiden[ct]|vertraulich|riservat|privileg).{0,160}(?:exclusiv|[uú]nicamente|s[oó]lo\spara|solely|only|strict|intended|dirigid|destin)|(?:exclusiv|[uú]nicamente|solely|only|intended|dirigid|destin).{0,160}(?:confiden[ct]|vertraulich|riservat|privileg)/iu;
/** `The views expressed are not necessarily those of the company`; not `las opiniones del cliente`. */
const NOT_OUR_VIEWS =
  /(?:opini(?:on|ón|ã)|views).{0,120}(?:not\s(?:necessarily|represent|reflect)|no\s(?:necesaria|representa|refleja|compromete)|n[aã]o\s(?:necessaria|representa|reflete))/iu;
/** To print the mail itself: `antes de imprimir este correo`, `before printing this e-mail`; not `imprimir la factura`. */
const PRINT_THIS =
  /(?:imprim\p{L}{0,5}|print(?:ing)?|stamp\p{L}{1,4})\s(?:\p{L}{1,6}\s){0,2}(?:correo|mensaje|e-?mail|mail|message|mensagem)|(?:e-?mail|mail|nachricht|message)\s.{0,20}(?:ausdrucken|drucken)|antes\sde\simprimir[\s,.:;]{1,3}(?:por\sfavor|piens|consider|pens)|before\s(?:you\sprint|printing)\s?[.!]?$/iu;
const FOR_THE_TREES =
  /medio\sambiente|ambiental|environment|umwelt|environnement|planeta?|[aá]rbol|trees?|(?<!\p{L})(?:piens[ae]|pens[ei]|think|denken|bedenken)(?!\p{L})/iu;
const PRINT_NOT = /no\simprim\p{L}{1,3}\s.{0,60}(?:necesari|si\sno)/iu;
/** Short standing lines of footers: `Libre de virus. www.avast.com`, `You received this message because`; not `Este correo llega con virus`. */
const FOOTER =
  /^[\s*_>]{0,4}(?:(?:libre\sde|livre\sde)\sv[ií]rus|virus-free|este\s(?:correo|mensaje)\s.{0,20}(?:analizad|escanead|verificad|comprobad).{0,60}(?:virus|avast|malware)|this\se-?mail\s(?:has\sbeen|was)\s(?:checked|scanned)|scanned\sby|this\smessage\shas\sbeen\sscanned|the\soriginal\sof\sthis\semail\swas\sscanned|you\sreceived\sthis\smessage\sbecause|(?:(?:to\s)?unsubscribe|para\s(?:anular|cancelar)\s(?:la|su)\ssuscripci[oó]n)(?!\p{L}).{0,200}(?:https?:|@|click))/iu;

/** The wish not to print: `Considere su responsabilidad ambiental antes de imprimir este correo`; not `Favor imprimir este correo`. */
function sparesPaper(text: string): boolean {
  return PRINT_NOT.test(text) || (PRINT_THIS.test(text) && FOR_THE_TREES.test(text));
}

/** Does a paragraph speak to the reader of his own data, by the law? */
function isOfYourData(text: string): boolean {
  return DATA_LAW.test(text) && (text.match(YOUR_DATA)?.length ?? 0) > 1;
}

/** A paragraph of a legal notice or of a mail program's or company's footer. */
export function isNotice(paragraph: string): boolean {
  const head = paragraph.slice(0, MAX_LOOKED).replace(LINKS, '').trim();
  if (FOOTER.test(head) || sparesPaper(head)) return head.length < MAX_FOOTER;
  if (asks(head)) return false;
  const title = NOTICE_TITLE.exec(head);
  if (title && head.length - title[0].length < 4) return true;
  if (head.length < MIN_NOTICE) return false;
  const hits = NOTICE_WORDS.filter((word) => word.test(head)).length;
  if (title) return hits >= 2;
  if (isOfYourData(head)) return true;
  if (hits < 3) return false;
  return NOT_FOR_YOU.test(head) || NOT_OUR_VIEWS.test(head) || (ONLY_FOR_ONE.test(head) && THIS_MAIL.test(head));
}
