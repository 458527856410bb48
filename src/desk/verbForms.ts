/**
 * What the ending of a Spanish or Portuguese verb says about the speaker: reporting what is (`indicative`, `past`, `imperfect`), or wanting
 * what is not yet (`subjunctive`, `conditional`, `wish`). Only verbs that support mail uses are known; others are judged by clear endings.
 */
export type VerbForm = 'INF' | 'GER' | 'PP' | 'IND' | 'SBJ' | 'PAS' | 'IMP' | 'CND' | 'WSH';

/** Regular verbs in -ar: stem without the ending. */
const AR =
  `actualiz acept acept adicion adjunt afect agreg agrup ajust almacen alert anul añad aplic aprob arroj asign asoci autoriz automatiz avis
  bloque borr busc calcul cambi cancel captur carg cerr cifr cobr coloc complet conect confirm consult contabiliz control copi cre cuadr
  dej demor desactiv descarg descont despleg despach detect dur duplic edit ejecut elimin empez entr entreg envi escan esper estandariz
  export factur falt fall firm filtr finaliz funcion gener grab guard habilit import imprim inactiv inform ingres inici integr intent
  lanz limit liquid list llam lleg llen llev logr mand manej marc mejor modific mostr muestr navig notific ocult orden ordena pag par
  parametriz parpade pas pase pes pid plante present proces program public qued quit radic realiz rebot recalcul recarg rechaz registr
  regres reinici renov report reserv respald respet rest result revis rot sac salt seleccion separ sincroniz sobr solicit solucion sum tard
  tom totaliz trab trabaj traslad trat trunc ubic unific us valid vari vincul visualiz vuelc`.split(/\s+/);

/** Regular verbs in -er and -ir: stem without the ending. */
const ER_IR =
  `abr aparec comprend convert correspond cumpl deb defin desaparec descuadr divid emit escrib exist hac inclu imprim interrump ofrec ocurr
  permit perd pod preced proced quer recib reconoc reflej requer respond restring sal serv sub sucumb suced ten tra transmit transfer ve ven vend vuelv`.split(
    /\s+/,
  );

/** Irregular forms that matter most, folded. */
const IRREGULAR: Record<string, VerbForm> = {};
for (const [form, words] of [
  [
    'SBJ',
    'tenga tengan haga hagan salga salgan venga vengan traiga traigan pueda puedan podamos sea sean este quede queden muestre muestren incluya incluyan cierre cierren permita permitan exista existan aparezca aparezcan llegue llegue lleguen busque cargue carguen descargue descarguen notifique aplique cambie envie envien avise pida pidan diga digan vea vean veamos sirva sirvan ponga pongan de',
  ],
  [
    'WSH',
    'tuviera tuvieran tuviese pudiera pudieran pudiese fuera fueran fuese hiciera hicieran saliera salieran viniera trajera trajeran hubiera hubiese quisiera quisieran quisieramos estuviera dijera mostrasse tivesse pudesse fosse houvesse permitisse',
  ],
  [
    'IND',
    'tiene tienen hace hacen sale salen viene vienen trae traen puede pueden queda quedan muestra muestran incluye incluyen cierra cierran hay dice dicen pide piden da dan ve ven sirve sirven pone ponen va van',
  ],
  [
    'PAS',
    'tuvo tuvieron hizo hicieron salio salieron vino trajo trajeron pudo pudieron quedo quedaron fue fueron dijo dio dieron puso cayo cayeron perdio murio',
  ],
  ['IMP', 'tenia tenian hacia hacian salia salian venia traia traian podia podian estaba estaban era eran habia decia veia iba iban'],
] as const) {
  for (const word of words.split(' ')) IRREGULAR[word] = form;
}

const KNOWN = new Map<string, VerbForm>(Object.entries(IRREGULAR));
for (const stem of AR.map((s) => s.replace('ñ', 'n'))) {
  const soft = stem.replace(/c$/, 'qu').replace(/g$/, 'gu').replace(/z$/, 'c');
  learn(stem, 'IND', 'a', 'an');
  learn(soft, 'SBJ', 'e', 'en');
  learn(stem, 'PAS', 'aron');
  learn(stem, 'IMP', 'aba', 'aban');
  learn(stem, 'WSH', 'ara', 'aran', 'ase', 'asen', 'asse');
}
for (const stem of ER_IR) {
  learn(stem, 'IND', 'e', 'en');
  learn(stem, 'SBJ', 'a', 'an');
  learn(stem, 'PAS', 'io', 'ieron');
  learn(stem, 'IMP', 'ia', 'ian');
  learn(stem, 'WSH', 'iera', 'ieran', 'iese', 'isse');
}

function learn(stem: string, form: VerbForm, ...endings: string[]): void {
  for (const ending of endings) if (!KNOWN.has(stem + ending)) KNOWN.set(stem + ending, form);
}

/** Nouns and adjectives that end like an infinitive. */
const NOT_INFINITIVE = new Set(
  'lugar azar ayer mujer taller lider servidor particular par mar bar popular similar regular militar familiar celular titular escolar pilar hogar poder ser deber placer alfiler caracter primer tercer cualquier ir hacer user number order server other under whether after never over per filter folder header footer customer supplier manager reminder letter either another her are their your our dar'.split(
    ' ',
  ),
);

const NOT_PAST = new Set(['usted', 'pared', 'huesped', 'cesped', 'speed', 'indeed', 'exceed', 'proceed']);

/**
 * The form of a folded word, or null when it is no verb that we can tell.
 * @param stressed its last vowel bears an accent
 */
export function verbFormOf(word: string, stressed: boolean): VerbForm | null {
  if (stressed && word.length > 3 && /[oei]$/.test(word)) return 'PAS';
  const known = KNOWN.get(word);
  if (known) return known;
  if (word.length < 5) return null;
  if (/(?:ar|er|ir)(?:lo|la|los|las|se|le|les|nos|me)?$/.test(word) && !NOT_INFINITIVE.has(word)) return 'INF';
  if (word.endsWith('ed') && !NOT_PAST.has(word)) return 'PAS';
  if (/(?:ando|iendo|yendo|endo|ing)$/.test(word)) return 'GER';
  if (/(?:ado|ada|ados|adas|ido|ida|idos|idas)$/.test(word)) return 'PP';
  if (/(?:aria|eria|iria|arian|erian|irian|ariamos|eriamos|iriamos)$/.test(word) && word.length > 6) return 'CND';
  if (/(?:iera|ieran|ieramos|iese|iesen|assem|essem|issem)$/.test(word)) return 'WSH';
  return null;
}
