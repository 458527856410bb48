import { anyOf } from './anyOf.ts';

/** A letter of our languages, as part of a pattern. */
export const LETTER = '[a-záéíóúüñãõâêôàç]';

/** What notices ask of whoever reads them, behind `por favor` and `please`: `contactar a Luis`, `conserve este número`, `elimínelo`; not `crear`, `enviar el log`. */
const OF_NOTICES = [
  String.raw`n[oã]o?\b|contact|contat|comun[ií]|escrib|escrev|llam|ligu?[ae]|dir[ií]|entr[ae]\b|ten(?:ga|er)|ha(?:ga|z)\b|clique|imprim|piens|consider|absten`,
  'ingrese|acceda|consulte|conserve|mantenga|califique|visite|utilice|espere|aguarde|ignore|omit[ae]|descarte|mencione|complete|responda|reenv[ií]e',
  `(?:env[ií]|rem[ií]t|ind[ií](?:qu|c)|conf[ií]rm|ver[ií]fi(?:qu|c)|rev[ií]s)[a-z]{1,4} (?:un |una |sus? |tus? |el |la )(?:correo|mensaje|e-?mail|solicitud|requerimiento|inquietud|cuenta|bandeja|n[uú]mero)`,
  `(?:elim[ií]n|b[oó]rr|destr[uú]y|notif[ií]qu|inf[oó]rm)(?:[ae]l[oa]|arlo|ar|e) ?(?:$|[,.;y]|al? |de |est[ea] |inmediat)`,
  String.raw`e-?mail\b|call\b|reach|write to|refer\b|direct\b|forward|send (?:your|an?|any|all)|note\b|do\b|don['’]t|visit|click|use\b|feel free|allow (?:up|us|at|\d)|see\b|log ?in|find\b|keep|include (?:your|the ticket|this)|quote|disregard|ignore|reply|respond|rate\b|be (?:advised|aware|patient)|delete|destroy|notify|think|consider`,
].join('|');

/** How people ask, without a question mark: `por favor crear`, `necesitamos`, `please restart`; not `por favor contactar a Luis`, `le solicitamos conservar`. */
export const ASKS = anyOf(`(?<!${LETTER})(?:…)(?!${LETTER})`, [
  new RegExp(`(?<!\\b(?:a|su) )favor(?!${LETTER})(?!,? (?:de |se )?(?:${OF_NOTICES}))`),
  new RegExp(`(?:please|kindly|pls)(?!,? (?:${OF_NOTICES}))`),
  /necesit(?:o|amos)|requiero|requerimos|(?<!(?:le|les|te) )solicit(?:o|amos)|se (?:solicita|requiere)|exij(?:o|imos)|quisi[eé]ra(?:mos)?|(?:me|nos) urge|urge/,
  new RegExp(
    `agrade(?:zco|cemos|cer[ií]a(?:mos)?) (?:que(?! (?:nos|hayan?|se) )|su (?:ayuda|apoyo|colaboraci[oó]n|gesti[oó]n)|${LETTER}{2,12}r(?:me|nos|l[oae]s?)?(?!${LETTER}))`,
  ),
  /(?:i|we) (?:need|require)|precis(?:o|amos)|gostar[ií]a(?:mos)?|(?:su|tu|sua) (?:valiosa )?(?:ayuda|apoyo|colaboraci[oó]n|ajuda)/,
]);

/** What people tell: what is wrong, and what they attach: `no funciona`, `nos sale`, `error`, `adjunto el log`; not `si el problema persiste`, `por error`. */
export const TELLS = anyOf(`(?<!${LETTER})(?:…)`, [
  /no (?:me |nos |se |les? )?(?:funciona|llegan?|carga|abre|deja|permite(?! resp)|aparece|sale|hace nada|levanta|sirve|puedo|podemos|pueden|pudo|est[aá]n? (?:llega|funciona))/,
  new RegExp(
    `(?:ca[ií]d[oa]s?|fall(?:a|an|ando|[oó])|bloquead[oa]s?|vencid[oa]|inv[aá]lid[oa]s?|equivocad[oa]s?|lentitud|inaceptable)(?!${LETTER})`,
  ),
  /se cay[oó]|(?<!si [^.]{0,30})persiste|contin[uú]a (?:igual|sin|con|present|el)|sigue (?:igual|sin|abiert|fall|present|ca[ií]d)|(?:me|nos) (?:sale|aparece|muestra|arroja)|y aparece/,
  new RegExp(`(?<!(?:por|de|in) )err(?:or(?:es)?|os?)(?!${LETTER})|report(?:o|amos)(?!${LETTER})`),
  new RegExp(`(?:adjunto|anexo|remito|(?:les?|te) env[ií]o)(?! encontrar|${LETTER})`),
  /n[aã]o (?:consig[oau]|funciona|abre|est[aá] sa)|(?:is|are|was) down\b|(?:not|n['’]t) work|fail(?:s|ing)\b/,
]);
