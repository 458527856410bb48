import { oneOf } from './anyOf.ts';
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
const DATA_LAW =
  /ley\s(?:estatutaria\s)?1581|habeas\s?data|2016\/679|gdpr|rgpd|lgpd|protecci[oó]n\sde\s(?:sus\s|los\s)?datos|datos\spersonales\sser[aá]n\stratad/iu;
const YOUR_DATA =
  /sus\s(?:datos|derechos)|le\sinformamos|informa\sque\s(?:los|sus)\sdatos|nuestr[ao]s?\s(?:pol[ií]tica|base|p[aá]gina|sitio|web)|(?:su|la)\spol[ií]tica|usted\s(?:autoriza|acepta)|titular(?:es)?\s.{0,20}(?:ejerc|podr)|(?:conocer|actualizar|rectificar|suprimir)(?:,|\s[yeo])\s(?:conocer|actualizar|rectificar|suprimir|revocar)|suoi\sdati|seus\sdados|your\s(?:personal\s)?data/giu;
/** Who wants something of the software says so, or names it: `necesitamos`, `nos exige`, `el sistema debe`; not `su sistema`. */
const WANTS =
  /(?<!\p{L})(?:necesit(?:o|amos)|requer?imos|requiero|solicito|quer(?:emos|íamos)|quiero|quisi[eé]ramos|nos\sexig\p{L}{1,3}|pued(?:en|an)\s(?!contener)|podr[ií]an|(?:el|este|nuestro)\s(?:sistema|portal|aplicativo|formulario|m[oó]dulo|reporte|servidor|programa)|we\s(?:need|want|would\slike))(?!\p{L})/iu;
/** `este mensaje`, `this e-mail`; not `este sistema`. */
const THIS_MAIL =
  /(?:este|esta)\s(?:mensaje|correo|e-?mail|mensagem|comunicaci[oó]n)|this\s(?:e-?mail|message|communication|transmission)|contenid[ao]\sen\seste|diese\se-?mail|ce\smessage|quest[oa]\s(?:messaggio|comunicazione|e-?mail)/iu;
/** Words of such notices; three different ones make a paragraph a notice, if it also says one of what only notices say. */
const NOTICE_WORDS: readonly RegExp[] = [
  /confiden[ct]|vertraulich|riservat/iu,
  /privileg/iu,
  /destinat[aáà]ri|(?:intended|named)\s(?:only\s)?(?:recipient|for)|addressee|empf[aä]nger|adressat|intended\s(?:solely|only)|exclusiv[oa]\s(?:de|para)|uso\sexclusivo|use\sof\s(?:the\s)?(?:individual|named|addressee)/iu,
  /proh[ií]b|pro[ií]b|unbefugt|nicht\sgestattet|interdit|strictly\sforbidden|no\s(?:est[aá]\s)?autorizad|unauthori[sz]ed|n[aã]o\sautorizad/iu,
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
  /(?<!\p{L})(?:(?:si|de\sno\sser)\s(?:usted|ud\.?|no\ses)\s.{0,60}destinatari|if\syou\s.{0,40}not\s|se\svoc[eê]\sn[aã]o\s|(?:wenn|falls|sollten)\ssie\s.{0,20}nicht\s|si\svous\sn[’']?[eê]tes\spas|recib.{0,60}(?:error|equivoc)|por\serror\srecib|(?:receiv|re[cç]u).{0,60}(?:error|mistake|erreur)|(?:receb|recep).{0,60}(?:engano|erro)|(?:irrt[uü]m|versehentlich).{0,40}erhalten|(?:pervenut|ricevut).{0,60}errore|must\snot\sbe\s(?:read|copied|disclosed))/iu;
/** `confidencial y de uso exclusivo`, which a notice says of the mail that it stands in; not `el informe es confidencial`. */
const ONLY_FOR_ONE =
  /(?:confiden[ct]|vertraulich|riservat|privileg).{0,160}(?:exclusiv|[uú]nicamente|s[oó]lo\spara|solely|only|strict|intended|dirigid|destin)|(?:exclusiv|[uú]nicamente|solely|only|intended|dirigid|destin).{0,160}(?:confiden[ct]|vertraulich|riservat|privileg)/iu;
/** `puede contener información privilegiada`, `may contain confidential material`; not `puede contener tildes`. */
const MAY_CONTAIN =
  /(?:pued[ae]n?\scontener|contienen?|pode\sconter|may\scontain|contains)\s(?:\p{L}{1,14}\s){0,4}?(?:confiden[ct]|privileg|reservad|clasificad)/iu;
/** `The views expressed are not necessarily those of the company`; not `las opiniones del cliente`. */
const NOT_OUR_VIEWS =
  /(?:opini(?:on|ón|ã)|views).{0,120}(?:not\s(?:necessarily|represent|reflect)|no\s(?:necesaria|representa|refleja|compromete)|n[aã]o\s(?:necessaria|representa|reflete))/iu;
/** `Cliente S.A. no se hace responsable por virus`, `accepts no liability for damage`; not `el responsable no responde`. */
const NOT_LIABLE =
  /(?<!\p{L})(?:n[oã]o?\s(?:asum|acept|aceit|se\shac|se\sresponsab|ser[aá])\p{L}{0,6}\s.{0,30}?(?:responsab|liab)|(?:accepts?|assumes?)\sno\s(?:liability|responsibility)|(?:not|no)\s(?:be\s)?(?:liable|responsible)|cannot\saccept).{0,100}(?:virus|da[nñ][oñ]s?|danos|damage|\buso\b|use\sof|opini|views|contenid|content|alteraci|cambios|changes|errors)/iu;
/** To print the mail itself: `antes de imprimir este correo`, `before printing this e-mail`; not `imprimir la factura`. */
const PRINT_THIS =
  /(?:imprim\p{L}{0,5}|print(?:ing)?|stamp\p{L}{1,4})\s(?:\p{L}{1,6}\s){0,2}(?:correo|mensaje|e-?mail|mail|message|mensagem)|(?:e-?mail|mail|nachricht|message)\s.{0,20}(?:ausdrucken|drucken)|antes\sde\simprimir[\s,.:;]{1,3}(?:por\sfavor|piens|consider|pens)|before\s(?:you\sprint|printing)\s?[.!]?$/iu;
const FOR_THE_TREES =
  /medio\sambiente|ambiental|environment|umwelt|environnement|planeta?|[aá]rbol|trees?|(?<!\p{L})(?:piens[ae]|pens[ei]|think|denken|bedenken)(?!\p{L})/iu;
const PRINT_NOT =
  /no\simprim\p{L}{1,3}\s.{0,60}(?:necesari|si\sno)|(?:don[’']t|do\snot)\sprint\s.{0,40}unless|antes\sde\simprimir\s(?:este|esta|el|est[ea]\se-)\s?(?:correo|mensaje|mail|mensagem).{0,60}(?:necesari|necess[aá]ri)/iu;
/** Short standing lines of footers: of antivirus programs, of lists and trackers, of machines, and of those who write without accents. */
const FOOTER = new RegExp(
  `^[\\s*_>]{0,4}(?:${oneOf([
    /(?:libre\sde|livre\sde)\sv[ií]rus|virus-free|no\svirus\sfound\sin\sthis|l[’']absence\sde\svirus/,
    /est[ea]\s(?:correo|mensaje|e-?mail|mensagem)\s.{0,30}(?:ana?li[sz]ad|escanead|verificad|comprobad).{0,60}(?:(?:de|contra|anti)\s?(?:v[ií]rus|malware)|antiv[ií]rus|avast|avg|mailscanner)/,
    /(?:diese|deze|questa)\s(?:e-?mail|nachricht)\s.{0,80}(?:gepr[uü]ft|gecontroleerd|controllata)/,
    /(?:this\s(?:message|e-?mail)|the\soriginal\sof\sthis\se-?mail)\s(?:has\sbeen|was)\s(?:checked|scanned).{0,60}(?:virus|malware|spam|avast|avg|symantec|mimecast|mcafee|protection|service|security\scloud)|scanned\sby|checked\sby\savg/,
    /(?:[\p{L}\d]{1,12}\s){0,4}antivirus\s.{0,20}ha\s(?:analizado|comprobado|verificado|escaneado)\seste\s(?:correo|mensaje|e-?mail)|informaci[oó]n\sde\s.{0,30}antivirus,/u,
    /se\scertific[oó]\sque\sel\scorreo\sno\scontiene\svirus/,
    /you\s(?:received|are\sreceiving)\sthis\s(?:(?:message|e-?mail)\s)?because\s(?:you|your)|(?:.{0,200}\sor\s)?reply\sto\sthis\se-?mail\s(?:directly|to\srespond)/,
    /(?:(?:ha|has)\srecibido|recibiste|recibi[oó])\seste\s(?:correo|mensaje)\sporque|voc[eê]\srecebeu\sest[ae]\s(?:mensagem|e-?mail)\sporque/,
    /(?:(?:to\s)?unsubscribe|para\s(?:anular|cancelar)\s(?:la|su)\ssuscripci[oó]n)(?!\p{L}).{0,200}(?:https?:|@|click)/u,
    /est[ea]\s(?:es\sun\s)?(?:correo|mensaje)\s.{0,120}no\s(?:lo\s)?(?:responda|conteste)(?!\p{L})/u,
    /(?:nota:?\s)?(?:las|los)\s(?:tildes|acentos)\s.{0,60}(?:omit|suprim|elimin).{0,20}(?:intenci|prop[oó]sito|evitar)/,
  ])})`,
  'iu',
);

/** The wish not to print: `Considere su responsabilidad ambiental antes de imprimir este correo`; not `Favor imprimir este correo`. */
function sparesPaper(text: string): boolean {
  return PRINT_NOT.test(text) || (PRINT_THIS.test(text) && FOR_THE_TREES.test(text));
}

/** Does a paragraph speak to the reader of his own data, by the law? */
function isOfYourData(text: string): boolean {
  return DATA_LAW.test(text) && (text.match(YOUR_DATA)?.length ?? 0) > 1;
}

/** Does a text speak as notices do? */
export function hasNoticeWord(text: string): boolean {
  return (
    FOOTER.test(text) ||
    NOTICE_TITLE.test(text) ||
    PRINT_NOT.test(text) ||
    PRINT_THIS.test(text) ||
    NOTICE_WORDS.some((word) => word.test(text))
  );
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
  if (WANTS.test(head)) return false;
  if (isOfYourData(head)) return true;
  const ofThisMail = THIS_MAIL.test(head);
  if (NOT_OUR_VIEWS.test(head) && (ofThisMail || hits > 2)) return true;
  return hits > 2 && (NOT_FOR_YOU.test(head) || (ofThisMail && [NOT_LIABLE, MAY_CONTAIN, ONLY_FOR_ONE].some((words) => words.test(head))));
}
