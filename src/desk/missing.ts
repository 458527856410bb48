import type { MissingGroup } from './ticket.ts';

/** Characters looked through; more is a log file. */
const MAX_READ = 8_000;

/** One way to give a group of information. */
interface Given {
  group: MissingGroup;
  /** Over the text without accents, case ignored; linear. */
  pattern: RegExp;
  says: string;
  saysNot: string;
}

const PRODUCTS =
  'windows(?: server)?|linux|red hat|rhel|centos|ubuntu|oracle|sql server|mysql|postgres(?:ql)?|mongo(?:db)?|java|jdk|jre|tomcat|jboss|wildfly|weblogic|websphere|iis|apache|php|\\.net|net framework|node|chrome|firefox|edge|safari|excel|office|android|ios|sap|securefile|openssl|odoo';

export const WAYS_TO_GIVE: readonly Given[] = [
  {
    group: 'ambiente',
    pattern:
      /\b(?:ambiente|entorno|environment|servidor|server|instancia)\s{1,3}(?:de\s|del\s|do\s)?\s?(?:produccion|producao|productivo|production|calidad|qa|pruebas?|desarrollo|preproduccion|test|staging|homologacao|development)\b/i,
    says: 'en el ambiente de calidad',
    saysNot: 'hace buen ambiente',
  },
  {
    group: 'ambiente',
    pattern:
      /\b(?:en|em|in|desde|solo)\s{1,3}(?:el\s)?(?:produccion|producao|production|productivo|calidad|qa|preproduccion|staging|desarrollo|pruebas|homologacao)\b|\b(?:test|staging|qa|production|development)\s(?:environment|server|system)\b/i,
    says: 'el error sale en calidad',
    saysNot: 'la orden de produccion',
  },
  {
    group: 'ambiente',
    pattern:
      /^[^\S\n]{0,9}(?:ambiente\s?:\s?)?(?:produccion|production|producao|calidad|qa|desarrollo|pruebas)\b(?!\s(?:de|del|y)\b)|(?<!de )\bproduccion\s(?:esta\s)?(?:caid[oa]|abajo|no\b)|\bambiente\s?:/im,
    says: 'Produccion, version 7',
    saysNot: 'produccion de la planta',
  },
  {
    group: 'ambiente',
    pattern:
      /\b(?:servidor|server|host|ip|equipo|maquina|url|puerto|port|ruta|path|direccion)\s{0,2}:?\s{0,2}(?:https?:\/\/|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}|[a-z]:\\|\\\\|\/[a-z]{2,20}\/)|\b(?:puerto|port)\s{0,2}:?\s{0,2}\d{2,5}\b|\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b|https?:\/\/[a-z0-9]/i,
    says: 'servidor 10.0.0.5',
    saysNot: 'el servidor no responde',
  },
  {
    group: 'versiones',
    pattern:
      /\b(?:version|versao|ver|v|release|build|parche|patch|service pack|sp|hotfix|revision)\s{0,2}[:.#]?\s{0,2}\d{1,6}(?:\.\d{1,6}){0,4}/i,
    says: 'version 8.2.1',
    saysNot: 'la ultima version',
  },
  {
    group: 'versiones',
    pattern: new RegExp(`\\b(?:${PRODUCTS})\\s{1,2}(?:version\\s|v)?\\d{1,4}(?:\\.\\d{1,5}){0,3}[a-z]?\\b`, 'i'),
    says: 'Oracle 19c',
    saysNot: 'Excel de 2 hojas',
  },
  {
    group: 'contacto',
    pattern: /\b[^\s@<>(),;:]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}\b/i,
    says: 'ana@cliente.example',
    saysNot: '@ana',
  },
  {
    group: 'contacto',
    pattern:
      /(?:\+\s?57|\b57)[\s.-]?\(?\d|\b3\d{2}[\s.-]?\d{3}[\s.-]?\d{2}[\s.-]?\d{2}\b|\(?\b60\d\)?[\s.-]?\d{3}[\s.-]?\d{2}[\s.-]?\d{2}\b|\+\d{1,3}[\s.-]?\(?\d{2,4}\)?[\s.-]?\d{3,4}[\s.-]?\d{3,4}\b/,
    says: 'cel 310 555 1234',
    saysNot: 'factura 20331',
  },
  {
    group: 'contacto',
    pattern:
      /\b(?:tel(?:efono|efonica|s)?|cel(?:ular)?|movil|phone|mobile|pbx|whatsapp|fijo|telefone|llamar|llamarme|marcar|marcarme|linea)\b[^\d\n]{0,25}\d[\d\s().-]{5,18}\d|\b(?:ext|extension|ramal)\b\.?\s?:?\s?\d{2,5}\b/i,
    says: 'ext. 204',
    saysNot: 'telefono del cliente vacio',
  },
  {
    group: 'contacto',
    pattern:
      /\b(?:[Cc]ontactar(?:se con)?|[Cc]ontacto|[Cc]omunicarse con|[Hh]ablar con|[Pp]reguntar por|[Cc]ontact person|[Cc]ontato)\b\s?:?\s?(?:a\s|es\s|al\s)?\p{Lu}\p{L}{1,20}\s\p{Lu}\p{L}{1,20}/u,
    says: 'contacto: Luis Gomez',
    saysNot: 'el contacto del cliente',
  },
  {
    group: 'acceso remoto',
    pattern:
      /\b(?:anydesk|any desk|teamviewer|team viewer|escritorio remoto|rdp|ultraviewer|rustdesk|supremo|aeroadmin|remote desktop)\b(?!\s(?:no|se|esta|falla)\b)/i,
    says: 'AnyDesk 123 456 789',
    saysNot: 'AnyDesk no abre',
  },
  {
    group: 'acceso remoto',
    pattern:
      /\b(?:acceso|conexion|conectarse|conectar|ingreso|soporte|sesion|asistencia|remote|acesso|conexao)\s(?:de\sforma\s|en\sforma\s|via\s|por\s)?(?:remot[oa]|remotamente|access|vpn)\b(?!\s(?:no|se|esta|falla)\b)|\b(?:por|via|mediante|through|a traves de|la)\s(?:una\s|la\s)?vpn\b(?!\s(?:no|se|esta|falla|del?)\b)|\bvpn\s?:|\bremote access\b/i,
    says: 'hay acceso por VPN',
    saysNot: 'la VPN no conecta',
  },
];

const GROUPS: readonly MissingGroup[] = ['ambiente', 'versiones', 'contacto', 'acceso remoto'];

/** What a mail gives of the information that ITAC needs to begin a case, each group with the words that give it. A signature is contact data. */
export function givenIn(mail: { subject: string; newText: string; signature: string }): Partial<Record<MissingGroup, string>> {
  const text = plain(`${mail.subject}\n${mail.newText}`.slice(0, MAX_READ));
  const signature = mail.signature.trim();
  const found: Partial<Record<MissingGroup, string>> = {};
  for (const { group, pattern } of WAYS_TO_GIVE) {
    if (found[group] !== undefined) continue;
    const words = pattern.exec(text)?.[0].trim();
    if (words) found[group] = words;
  }
  if (found.contacto === undefined && signature !== '') found.contacto = signature.split('\n')[0]!.slice(0, 80);
  return found;
}

/** The groups of needed information that a mail does not give, in ITAC's order. */
export function missingIn(mail: { subject: string; newText: string; signature: string }): MissingGroup[] {
  const given = givenIn(mail);
  return GROUPS.filter((group) => given[group] === undefined);
}

/** Without accents, letters in their own case. */
function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}+/gu, '');
}
