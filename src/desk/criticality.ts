import type { CaseText } from './caseText.ts';
import { type Criticality, TicketKind } from './ticket.ts';

interface Sign {
  /** What the words mean for the operation, in Spanish. */
  meaning: string;
  /** Over folded words parted by single spaces. */
  pattern: RegExp;
  /** What it adds to an incident's points. */
  points: number;
  /** What it adds to a requirement's points. */
  wished: number;
  /** A line that the pattern finds, and a near miss. */
  says: string;
  saysNot: string;
}

function sign(meaning: string, points: number, wished: number, source: string, says: string, saysNot: string): Sign {
  return { meaning, points, wished, pattern: new RegExp(`(?<![a-z])(?:${source})(?![a-z])`, 'g'), says, saysNot };
}

const NOBODY =
  'nadie|ningun usuario|ninguno de los usuarios|nobody|no one|none of the (?:users|branches|customers)|ninguem|nenhum usuario|ningun cliente|ninguna sede';

/** Signs that deny others: their words count for nothing else. */
const DENIALS = new Set(['sin afán', 'no afecta la operación']);

/** Evidence of impact; denials first. */
export const SIGNS: readonly Sign[] = [
  sign(
    'sin afán',
    -2,
    -1,
    'no (?:es|son|hay|tiene) (?:nada |tan |muy |un tema )?(?:urgentes?|afan|prisa|urgencia|prioritari[oa])|no urge|sin (?:afan|prisa|urgencia)|cuando (?:puedan|tengan tiempo|les sea posible)|baja prioridad|not urgent|no rush|low priority|nao e urgente|sem pressa',
    'no es urgente',
    'es urgente',
  ),
  sign(
    'no afecta la operación',
    -2,
    0,
    'no (?:nos |me )?(?:afecta|impide|detiene|bloquea) (?:la operacion|el trabajo|el proceso|trabajar)|no (?:esta|esta el sistema) caido|sin (?:mayor )?(?:impacto|afectacion)',
    'no afecta la operacion',
    'afecta la operacion',
  ),
  sign(
    'hay alternativa',
    -1.5,
    -0.5,
    'mientras tanto [a-z0 ]{0,40}|por (?:ahora|el momento) (?:lo|la|los|las) (?:hacemos|hago|estamos|sacamos)[a-z ]{0,30}|(?:lo|la) (?:podemos|puedo|pudimos) (?:hacer|sacar|generar) (?:por|de|desde|con)[a-z ]{0,30}|como alternativa|(?:si|se) (?:se )?puede (?:trabajar|por otra)|workaround|in the meantime|enquanto isso|solucion temporal|manualmente si (?:se puede|deja)',
    'mientras tanto lo sacamos en pdf',
    'no hay manera',
  ),
  sign(
    'no es producción',
    -2,
    0,
    '(?:ambiente|entorno|servidor|servidores|base de datos|instancia|equipo|maquina|ambientes) (?:de |del )?(?:pruebas?|calidad|qa|desarrollo|preproduccion|test|staging|capacitacion|homologacao|homologacion|teste)|en (?:calidad|qa|pruebas|preproduccion|staging|desarrollo)|(?:test|testing|staging|qa|dev|development|uat) (?:environment|server|system)|homologacao|em teste',
    'ambiente de pruebas',
    'hicimos pruebas ayer',
  ),
  sign(
    'ambiente productivo',
    1.5,
    0,
    '(?:en|em|in|ambiente(?: de)?|entorno(?: de)?|servidor(?:es)?(?: de)?|instancia(?: de)?|base de datos(?: de)?) (?:el |la )?(?:produccion|production|producao|productiv[oa])|(?:ambiente|entorno|servidor|portal|sistema) productivo|(?<!de )produccion (?:esta |sigue |se )?(?:caid[oa]|abajo|detenid[oa]|parad[oa]|cayo|no )|production (?:is|server|environment|system|database)|prod (?:is|esta|caid[oa])',
    'en produccion no abre',
    'la orden de produccion',
  ),
  sign('nadie puede usarlo', 2, 0, NOBODY, 'nadie puede facturar', 'alguien puede facturar'),
  sign(
    'servicio detenido',
    2.5,
    0,
    `(?:sistema|servidor|ambiente|entorno|servicio|portal|plataforma|aplicacion|aplicativo|produccion|base de datos|pagina|sitio|red|app|todo)(?: [a-z]{1,14}){0,3} (?:caid[oa]s?|abajo|cayo|no responde|fuera de (?:servicio|linea)|inaccesible|fora do ar|inoperante)|caida (?:total|general|del|de la|de)|fuera de servicio|fora do ar|sin (?:sistema|servicio|facturacion)|no (?:hay|tenemos) (?:sistema|servicio)|(?:is|are|everything|all) down|went down|outage|502 bad gateway`,
    'el sistema esta caido',
    'el precio esta caido',
  ),
  sign(
    'operación parada',
    2.5,
    0,
    '(?:operacion|produccion|planta|despachos?|facturacion|ventas|atencion|trabajo|negocio|area|recaudo)(?: [a-z]{1,12}){0,2} (?:parad[oa]s?|detenid[oa]s?|paralizad[oa]s?|bloquead[oa]s?|suspendid[oa]s?|frenad[oa]s?)|(?:parad[oa]s?|detenid[oa]s?|paralizad[oa]s?|frenad[oa]s?) (?:la |el |las |los )?(?:operacion|facturacion|planta|despachos|ventas|atencion)|no (?:podemos|hemos podido|se puede|pueden) (?:seguir )?(?:trabajar|trabajando|operar|operando|atender)|cannot work|cant work|unable to work|nao (?:conseguimos|consegue|podemos) trabalhar',
    'tenemos la operacion parada',
    'la operacion sigue',
  ),
  sign(
    'pérdida o fuga de información',
    4,
    0,
    '(?:se )?(?:perdi(?:o|eron|mos)|borr(?:o|aron)) (?:toda |todos |la |los |las |el )*(?:informacion|datos|registros|historico|documentos|archivos|pagos)|perdida de (?:la )?(?:informacion|datos)|data loss|lost (?:all )?(?:our )?(?:data|records)|(?:datos|informacion|facturas|documentos|registros) de (?:otr[oa]s?|un tercero|terceros) (?:empresas?|compania|companias|clientes?|usuarios?|personas?)|(?:falla|brecha|hueco|incidente|problema) de seguridad|fuga de (?:informacion|datos)|security (?:breach|hole|incident)|data (?:leak|breach)|(?:dados|informacoes) de outr[oa]|hacke(?:ad[oa]s?|aron|ed)|ransomware',
    'se perdio la informacion',
    'se perdio tiempo',
  ),
  sign(
    'muchos usuarios',
    1.5,
    0.5,
    '(?:tod[oa]s|varios|varias|muchos|muchas|much[oa]s de|la mayoria de|all|many|several|most|todos os|todas as|varios) (?:l[oa]s |nuestr[oa]s |mis |the |our )?(?:usuari[oa]s|sedes|oficinas|sucursales|clientes|cajas|cajeros|puntos|tiendas|agencias|empleados|companeros|areas|medicos|users|branches|customers|offices|stores|filiais|lojas)|a todos|a nivel nacional|toda la (?:empresa|compania|organizacion)|the whole company',
    'todos los usuarios',
    'un usuario',
  ),
  sign(
    'plazo',
    1.5,
    1,
    '(?:vence|vencen|plazo|fecha limite|se cumple|deadline|due)(?: [a-z0]{1,12}){0,4} (?:hoy|manana|lunes|martes|miercoles|jueves|viernes|0|today|tomorrow|tonight|hoje|amanha)|(?:hoy|manana|today|tomorrow|hoje) (?:mismo |es |a mas tardar )?(?:vence|es el ultimo dia|antes de|before|antes das)|antes de (?:las|l[oa]s?|medio) ?(?:0|dia|mediodia)|(?:pagar|pago de|dispersar|enviar|transmitir|presentar|entregar|liquidar)(?: [a-z]{1,12}){0,4} (?:hoy|manana)(?: mismo)?|lo necesitamos (?:hoy|para hoy|ya|para manana)|ultimo dia|(?:multa|sancion|sanciones|sancionan)|en (?:pleno )?cierre|cierre (?:de mes|contable|fiscal|anual)',
    'el plazo vence hoy',
    'salio hoy',
  ),
  sign(
    'urgencia declarada',
    0.5,
    0.5,
    'urgente(?:mente)?|urge|urgencia|inmediat[oa]|de inmediato|cuanto antes|lo antes posible|con prioridad|prioritari[oa]|asap|urgent(?:ly)?|immediately|as soon as possible|critic[oa]|critical|grave',
    'es urgente',
    'el cliente',
  ),
  sign(
    'norma',
    0,
    1,
    'dian|normativ[oa]|resolucion|decreto|ley 0|superfinanciera|superintendencia|auditoria|por ley|regulation|legal requirement|norma',
    'por la nueva resolucion',
    'se va a resolver',
  ),
  sign(
    'función bloqueada',
    0.5,
    0,
    'no (?:me |nos |le |les |se )?(?:deja|dejan|permite|permiten|puedo|puede|pueden|podemos|hemos podido|ha podido|logra|logran|responde|abre|carga|funciona|genera|imprime)|imposible|bloquead[oa]s?|cannot|cant|could not|couldnt|unable|not working|doesnt work|nao (?:consigo|conseguimos|abre|carrega|funciona)',
    'no deja guardar',
    'deja guardar',
  ),
  sign(
    'un solo usuario',
    -0.5,
    0,
    'sol(?:o|amente) (?:a mi|me pasa|me sale|a un|a una|le pasa|un usuario|con un|en un|mi usuario)|(?:un|una|1) sol[oa] (?:usuari[oa]|equipo|cliente|registro|factura|persona)|only me|one user|just me|one customer',
    'solo me pasa a mi',
    'no solo eso',
  ),
  sign(
    'intermitente o lento',
    -0.5,
    0,
    'intermitente(?:s|mente)?|a veces|por momentos|en ocasiones|de vez en cuando|esporadic[oa]|sometimes|occasionally|intermittent(?:ly)?|as vezes',
    'a veces falla',
    'cada vez falla',
  ),
  sign(
    'detalle de apariencia',
    -2.5,
    0,
    'ortografi[a-z]{1,5}|tildes?|mal escrit[oa]|typo|spelling|color(?:es)?|fuente de letra|tamano de (?:la )?letra|alinead[oa]s?|desalinead[oa]s?|corrid[oa]s?|descentrad[oa]|centrad[oa]|margen(?:es)?|estetic[oa]s?|cosmetic[oa]?s?|visual(?:mente)?|icono|logo|etiqueta|titulo|misaligned|font|apariencia|redaccion',
    'error de ortografia',
    'error de calculo',
  ),
];

/** An incident that says nothing of its impact is `media`, a requirement is `baja`. */
const BASE = { incident: 2, requirement: 0.5 };
const LEVELS: readonly (readonly [number, Criticality])[] = [
  [6, 'crítica'],
  [3.5, 'alta'],
  [1.5, 'media'],
];

/**
 * Suggests a criticality from what the mail says about the impact, with the words that say it. A suggestion only: contract and diagnosis
 * decide. Headers such as `Importance` do not count: senders set them by habit.
 */
export function criticalityOf({ subject, text }: CaseText, kind: TicketKind): { suggested: Criticality; evidence: string[] } {
  const incident = kind === TicketKind.incident;
  let line = [...subject, { text: '.' }, ...text].map((word) => word.text).join(' ');
  let points = incident ? BASE.incident : BASE.requirement;
  const evidence: string[] = [];
  for (const { meaning, pattern, points: failing, wished } of SIGNS) {
    const counts = incident ? failing : wished;
    const found = line.match(pattern);
    if (!found || counts === 0) continue;
    points += counts;
    evidence.push(`${found[0].trim()} (${meaning})`);
    if (DENIALS.has(meaning)) line = line.replace(pattern, '.');
  }
  return { suggested: LEVELS.find(([from]) => points >= from)?.[1] ?? 'baja', evidence };
}
