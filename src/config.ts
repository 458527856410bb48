import { existsSync, readFileSync } from 'node:fs';
import { validate } from 'node-cron';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { withoutTag } from './desk/policy.ts';
import { AppError } from './errors.ts';
import type { LogLevel } from './log.ts';
import { isPlainAddress } from './mail/plainAddress.ts';

/** All settings, checked. Made once, at start; nothing else reads the environment. */
export interface Config {
  mailbox: ImapMailbox | MaildirMailbox;
  transport: SmtpTransport | FileTransport;
  /** Signs in where no password is set; null when the settings name no application. */
  oauth: OAuthClient | null;
  dataFolder: string;
  address: string;
  platformUrl: string;
  /** Null: made at the first start and kept in the data folder. */
  secret: string | null;
  /** Certificates of authorities to believe in place of the system's (PEM). */
  ca: string | null;
  http: { host: string; port: number } | null;
  file: FileSettings;
}

export interface ImapMailbox {
  kind: 'imap';
  host: string;
  port: number;
  /** TLS from the first octet; otherwise STARTTLS. */
  secure: boolean;
  /** Login name; may differ from our address and from that of the transport, as with a shared mailbox of Microsoft 365. */
  user: string;
  /** Null: signs in by OAuth2. */
  password: string | null;
  mailbox: string;
  /** Null: settled messages stay in the mailbox, marked. */
  doneFolder: string | null;
  quarantineFolder: string | null;
}

export interface MaildirMailbox {
  kind: 'maildir';
  folder: string;
  doneFolder: string;
  quarantineFolder: string;
}

export interface SmtpTransport {
  kind: 'smtp';
  host: string;
  port: number;
  secure: boolean;
  /** Null: sends without a login. */
  user: string | null;
  /** Null: signs in by OAuth2, when there is a user. */
  password: string | null;
}

/** An application that an authorization server knows, with the grant by which it gets access tokens (RFC 6749). */
export interface OAuthClient {
  tokenUrl: string;
  clientId: string;
  clientSecret: string | null;
  scope: string | null;
  /** Null: grant `client_credentials`. */
  refreshToken: string | null;
}

export interface FileTransport {
  kind: 'file';
  folder: string;
}

const text = (shape: string) => z.string(shape).trim().min(1, shape);
const whole = (shape: string, min: number, max: number) => z.int(shape).min(min, shape).max(max, shape);
const flag = () => z.boolean('sí o no; escriba true o false');
const folderName = () => text('el nombre de una carpeta; por ejemplo Procesados').nullable();

/** `08:30` as minutes since midnight; not `8.30`, `24:00`. */
const clock = (example: string) =>
  z
    .string(`una hora entre comillas; por ejemplo "${example}"`)
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, `una hora entre comillas; por ejemplo "${example}"`)
    .transform((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));

/** Hours within which a case of each criticality is to be answered. */
const hours = () => z.number(HOURS).positive(HOURS).max(8760, HOURS);
const HOURS = 'un número de horas mayor que 0; por ejemplo 4';
const serviceLevel = z.strictObject({ crítica: hours(), alta: hours(), media: hours(), baja: hours() });
/** Service levels of contracts, by their names. */
export type ServiceLevels = Readonly<Record<string, z.output<typeof serviceLevel>>>;

/** Where one signs in. */
const DOORS = ['mailbox', 'transport'] as const;
type Door = (typeof DOORS)[number];

const BOUNCES = 'una dirección para los rebotes, o vacío para el remitente nulo';
const STAFF = 'una dirección de correo; por ejemplo mesa@itac.co';
const UNANSWERED = 'una dirección de correo o un dominio; por ejemplo alertas@cliente.co o cliente.co';
/** Matches `alertas@cliente.co` and `cliente.co`; not `@cliente.co`, `cliente`, `*.cliente.co`. */
const ADDRESS_OR_DOMAIN = /^(?:[^\s@]{1,64}@)?(?:[\p{L}\p{N}-]{1,63}\.){1,8}[\p{L}\p{N}-]{2,63}$/u;
const CRON = 'un horario cron; por ejemplo "* * * * *" para cada minuto';

/** A pattern with one group, from text; `/[Ticket#(\d{10,20})]/` finds a former number. */
const legacyPattern = text('una expresión regular con un solo grupo, el número; por ejemplo \\[Ticket#(\\d{10,20})\\]').transform(
  (source, context) => {
    try {
      const groups = new RegExp(`${source}|`).exec('')!.length - 1;
      if (groups === 1) return new RegExp(source, 'i');
    } catch {
      // said below, like a wrong number of groups
    }
    context.addIssue({
      code: 'custom',
      message: 'una expresión regular con un solo grupo, el número; por ejemplo \\[Ticket#(\\d{10,20})\\]',
    });
    return z.NEVER;
  },
);

/** The file's keys with their defaults: `config/buzon.yaml` explains each. */
const FILE = z.strictObject({
  mailbox: z
    .strictObject({
      pollSchedule: text(CRON).refine(validate, CRON).default('* * * * *'),
      doneFolder: folderName().default('Procesados'),
      quarantineFolder: folderName().default('Cuarentena'),
      since: z
        .union([z.iso.date(), z.iso.datetime({ offset: true })], 'una fecha ISO; por ejemplo 2026-11-01')
        .nullable()
        .default(null),
      ownAddresses: z.array(z.email('una dirección de correo; por ejemplo soporte@itac.com.co')).default([]),
    })
    .prefault({}),
  tls: z
    .strictObject({
      verify: flag().default(true),
      caFile: text('la ruta de un archivo PEM').nullable().default(null),
      allowPlaintext: flag().default(false),
    })
    .prefault({}),
  oauth: z
    .strictObject({
      clientId: text('el identificador de la aplicación registrada').nullable().default(null),
      provider: z.enum(['microsoft', 'google', 'other'], 'microsoft, google u other').default('microsoft'),
      tenant: z
        .string('el identificador del directorio de Microsoft; por ejemplo itac.co')
        .regex(/^[\w.-]{1,100}$/, 'el identificador del directorio de Microsoft; por ejemplo itac.co')
        .nullable()
        .default(null),
      grant: z.enum(['refresh_token', 'client_credentials'], 'refresh_token o client_credentials').default('refresh_token'),
      tokenUrl: text('una dirección https').nullable().default(null),
      scope: text('los permisos, separados por espacios').nullable().default(null),
      for: z
        .array(z.enum(DOORS, 'una lista con mailbox, transport o ambos'), 'una lista con mailbox, transport o ambos')
        .nullable()
        .default(null),
    })
    .prefault({}),
  transport: z
    .strictObject({ connections: whole('un número entero de conexiones de 1 a 20; por ejemplo 5', 1, 20).default(5) })
    .prefault({}),
  tickets: z
    .strictObject({
      prefix: z
        .string('letras y números; por ejemplo ITAC')
        .regex(/^[\p{L}\p{N}]{1,12}$/u, 'de 1 a 12 letras o números; por ejemplo ITAC')
        .default('ITAC'),
      legacyPatterns: z.array(legacyPattern).prefault(['\\[Ticket#(\\d{10,20})\\]', '\\[#(\\d{1,9})\\]']),
      reopenDays: whole('un número entero de días de 0 a 3650; por ejemplo 30', 0, 3650).default(30),
      thanksKeepClosed: flag().default(true),
    })
    .prefault({}),
  answer: z
    .strictObject({
      fromName: text('el nombre que ven los clientes; por ejemplo Soporte ITAC').default('Soporte ITAC'),
      maxAgeHours: whole('un número entero de horas de 1 a 720; por ejemplo 24', 1, 720).default(24),
      bounceAddress: z.union([z.literal(''), z.email(BOUNCES)], BOUNCES).default(''),
      templates: text('la carpeta de las plantillas').nullable().default(null),
      quiet: flag().default(false),
    })
    .prefault({}),
  gate: z
    .strictObject({
      authservId: text('el nombre con que su servidor firma Authentication-Results; por ejemplo mx.itac.co').nullable().default(null),
      unauthenticated: z.enum(['acknowledge', 'fixed-text', 'none'], 'acknowledge, fixed-text o none').default('fixed-text'),
      neverAnswer: z.array(z.string(UNANSWERED).trim().toLowerCase().regex(ADDRESS_OR_DOMAIN, UNANSWERED)).default([]),
    })
    .prefault({}),
  clients: z
    .strictObject({
      withoutContract: z.enum(['open', 'quarantine'], 'open o quarantine').default('open'),
      sla: z.record(text('un nombre; por ejemplo oro').max(40, 'un nombre de a lo sumo 40 caracteres'), serviceLevel).default({}),
    })
    .prefault({}),
  quarantine: z
    .strictObject({
      retentionDays: whole('un número entero de días de 0 a 3650; por ejemplo 90, o 0 para siempre', 0, 3650).default(90),
    })
    .prefault({}),
  digest: z
    .strictObject({
      to: z.array(z.email({ error: STAFF, abort: true }).refine(isPlainAddress, STAFF)).default([]),
      schedule: text(CRON).refine(validate, CRON).default('0 7 * * 1-5'),
      always: flag().default(false),
    })
    .prefault({}),
  limits: z
    .strictObject({
      repliesPerAddressPerHour: whole('un número entero de respuestas de 0 a 1000; por ejemplo 2', 0, 1000).default(2),
      repliesPerDomainPerHour: whole('un número entero de respuestas de 0 a 10000; por ejemplo 30', 0, 10_000).default(30),
      newTicketsPerMinute: whole('un número entero de tickets de 0 a 100000; por ejemplo 60', 0, 100_000).default(60),
      maxMessageBytes: whole(
        'un número entero de octetos de 65536 a 1073741824; escriba 167772160 para 160 MiB',
        65_536,
        1_073_741_824,
      ).default(167_772_160),
      parseTimeoutSeconds: whole('un número entero de segundos de 1 a 300; por ejemplo 20', 1, 300).default(20),
    })
    .prefault({}),
  classification: z
    .strictObject({
      reviewBelow: z
        .number('un número de 0.5 a 1; por ejemplo 0.7')
        .min(0.5, 'un número de 0.5 a 1')
        .max(1, 'un número de 0.5 a 1')
        .default(0.7),
      sureFrom: z
        .number('un número de 0.5 a 1; por ejemplo 0.9')
        .min(0.5, 'un número de 0.5 a 1')
        .max(1, 'un número de 0.5 a 1')
        .default(0.9),
    })
    .prefault({}),
  hours: z
    .strictObject({
      weekdays: z
        .array(whole('un día de la semana de 1 (lunes) a 7 (domingo)', 1, 7))
        .min(1, 'al menos un día de la semana')
        .default([1, 2, 3, 4, 5]),
      opensAt: clock('08:00').prefault('08:00'),
      closesAt: clock('18:00').prefault('18:00'),
    })
    .prefault({}),
  reconcile: z
    .strictObject({
      schedule: text(CRON).refine(validate, CRON).default('30 2 * * *'),
      days: whole('un número entero de días de 1 a 3650; por ejemplo 30', 1, 3650).default(30),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error', 'silent'], 'debug, info, warn, error o silent')
        .default('info') satisfies z.ZodType<LogLevel>,
    })
    .prefault({}),
});

export type FileSettings = z.output<typeof FILE>;

type Environment = Record<string, string | undefined>;

/** Collects every fault, so that one start names them all. */
class Faults {
  readonly lines: string[] = [];

  add(key: string, expected: string): void {
    this.lines.push(`${key}: ${expected}`);
  }

  throwIfAny(): void {
    if (this.lines.length === 0) return;
    throw new AppError(
      'CONFIG_INVALID',
      `la configuración tiene ${this.lines.length === 1 ? 'un error' : `${this.lines.length} errores`}:\n  ${this.lines.join('\n  ')}`,
      {
        temporary: false,
        remedy:
          'corrija lo indicado en las variables BUZON_… o en el archivo de configuración y vuelva a iniciar; README.md explica cada clave',
      },
    );
  }
}

/**
 * Environment first, then the file (`BUZON_CONFIG`, default `config/buzon.yaml`), then the defaults.
 * @throws AppError CONFIG_INVALID that names every fault with its key, the shape expected and the remedy; never a secret
 */
export function loadConfig(env: Environment): Config {
  const faults = new Faults();
  const known = new Set([...PLAIN_KEYS, ...SECRET_KEYS.flatMap((key) => [key, `${key}_FILE`])]);
  for (const key of Object.keys(env)) {
    if (key.startsWith('BUZON_') && !known.has(key) && !INJECTED.test(key))
      faults.add(key, `no existe tal variable; las que hay son ${[...known].join(', ')}`);
  }
  const file = readSettings(env, faults);
  const http = httpOf(env['BUZON_HTTP'] ?? '127.0.0.1:8025', faults);
  const oauth = oauthOf(env, file, faults);
  const mailbox = mailboxOf(env, file, faults);
  const transport = transportOf(env, { file, mailbox }, faults);
  const address = z.email().safeParse(env['BUZON_ADDRESS'] ?? 'soporte@itac.co');
  if (!address.success) faults.add('BUZON_ADDRESS', 'se espera una dirección de correo; por ejemplo soporte@itac.co');
  const platformUrl = env['BUZON_PLATFORM_URL'] ?? 'http://soporte.itac.com.co/';
  if (!/^https?:$/.test(urlOf(platformUrl)?.protocol ?? ''))
    faults.add('BUZON_PLATFORM_URL', 'se espera una dirección web; por ejemplo http://soporte.itac.com.co/');
  const secret = secretOf('BUZON_SECRET', env, faults);
  if (secret !== null && secret.length < 16)
    faults.add('BUZON_SECRET', 'se esperan al menos 16 caracteres; deje la variable sin definir y se creará una clave');
  if (file) compareSettings(file, faults);
  if (file && address.success && namesOurMailbox(file, address.data))
    faults.add(
      'digest.to',
      'una de las direcciones es la del buzón que se vigila, y allí nadie lo leería; escriba las de personas del equipo',
    );
  const ca = caOf(file, faults);
  faults.throwIfAny();
  return {
    ca,
    mailbox: mailbox!,
    transport: transport!,
    oauth,
    dataFolder: env['BUZON_DATA'] || './data',
    address: address.data!.toLowerCase(),
    platformUrl,
    secret,
    http: http!,
    file: file!,
  };
}

const PLAIN_KEYS = ['BUZON_CONFIG', 'BUZON_MAILBOX', 'BUZON_TRANSPORT', 'BUZON_DATA', 'BUZON_ADDRESS', 'BUZON_PLATFORM_URL', 'BUZON_HTTP'];
const SECRET_KEYS = [
  'BUZON_MAILBOX_PASSWORD',
  'BUZON_TRANSPORT_PASSWORD',
  'BUZON_OAUTH_CLIENT_SECRET',
  'BUZON_OAUTH_REFRESH_TOKEN',
  'BUZON_SECRET',
];

/** What container platforms set for a service called buzon: `BUZON_SERVICE_HOST`, `BUZON_PORT_8025_TCP`; not `BUZON_PORTS`. */
const INJECTED = /^BUZON_(?:SERVICE|PORT)(?:_|$)/;

const DEFAULT_FILE = 'config/buzon.yaml';

function readSettings(env: Environment, faults: Faults): FileSettings | null {
  const path = env['BUZON_CONFIG'] || DEFAULT_FILE;
  let content: unknown = {};
  try {
    if (env['BUZON_CONFIG'] || existsSync(path)) content = parseYaml(readFileSync(path, 'utf8')) ?? {};
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') faults.add(path, 'no existe ese archivo; revise la ruta en BUZON_CONFIG');
    else if (code === 'EACCES' || code === 'EISDIR') faults.add(path, 'no se puede leer; revise que sea un archivo y sus permisos');
    else faults.add(path, `no es YAML válido (${yamlPlace(error)}); revise la sangría y las comillas`);
    return null;
  }
  const result = FILE.safeParse(content);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const key = issue.path.join('.');
    if (issue.code === 'unrecognized_keys')
      for (const name of issue.keys)
        faults.add(`${path}: ${[...issue.path, name].join('.')}`, 'no existe tal clave; revise cómo está escrita');
    else faults.add(`${path}: ${key}`, `se espera ${expected(issue)} (${shapeOf(issue.path, content)})`);
  }
  return null;
}

function yamlPlace(error: unknown): string {
  const [at] = (error as { linePos?: { line: number; col: number }[] }).linePos ?? [];
  return at ? `línea ${at.line}, columna ${at.col}` : 'no se sabe dónde';
}

/** Messages of the validation library itself are in English: they only appear where a whole section or list has the wrong shape, or a name none. */
function expected(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return issue.issues[0]!.message;
  if (!issue.message.startsWith('Invalid input')) return issue.message;
  return issue.code === 'invalid_type' && issue.expected === 'array' ? 'una lista entre corchetes' : 'una sección con claves';
}

/** What stands there, by its kind only: the value might be a secret put in the wrong place. */
function shapeOf(path: PropertyKey[], content: unknown): string {
  let value = content;
  for (const key of path) value = value !== null && typeof value === 'object' ? (value as Record<PropertyKey, unknown>)[key] : undefined;
  if (value === null || value === undefined) return 'no llegó nada';
  if (Array.isArray(value)) return 'llegó una lista';
  const name = { string: 'texto', number: 'un número', boolean: 'sí o no', object: 'una sección' }[typeof value as string];
  return `llegó ${name ?? 'otra cosa'}`;
}

/** The variable itself or the file that its `_FILE` twin names; null when neither is set. */
function secretOf(key: string, env: Environment, faults: Faults): string | null {
  const path = env[`${key}_FILE`];
  if (env[key] !== undefined && path !== undefined) faults.add(key, `está también ${key}_FILE; deje una sola de las dos`);
  if (path === undefined) return env[key] ?? null;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    faults.add(`${key}_FILE`, 'el archivo no se puede leer; revise la ruta y los permisos');
    return null;
  }
}

/** A digest that comes back to us is our own mail, and read by nobody. */
function namesOurMailbox({ digest, mailbox }: FileSettings, address: string): boolean {
  const ours = [address, ...mailbox.ownAddresses].map(withoutTag);
  return digest.to.some((to) => ours.includes(withoutTag(to)));
}

/** What no key can tell by itself. */
function compareSettings({ hours, mailbox }: FileSettings, faults: Faults): void {
  if (hours.opensAt >= hours.closesAt) faults.add('hours.closesAt', 'debe ser más tarde que hours.opensAt; por ejemplo "08:00" y "18:00"');
  if (mailbox.doneFolder !== null && mailbox.doneFolder === mailbox.quarantineFolder) {
    faults.add('mailbox.quarantineFolder', 'debe ser otra carpeta que mailbox.doneFolder; por ejemplo Procesados y Cuarentena');
  }
}

function caOf(file: FileSettings | null, faults: Faults): string | null {
  const path = file?.tls.caFile ?? null;
  if (path === null) return null;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    faults.add('tls.caFile', 'el archivo no se puede leer; revise la ruta y los permisos');
    return null;
  }
}

/** Null also when a part of it is not decodable: `%zz`. */
function urlOf(value: string): URL | null {
  try {
    const url = new URL(value);
    decodeURIComponent(`${url.username}${url.pathname}`);
    return url;
  } catch {
    return null;
  }
}

function mailboxOf(env: Environment, file: FileSettings | null, faults: Faults): Config['mailbox'] | null {
  const value = env['BUZON_MAILBOX'] || 'maildir:./data/mailbox';
  const password = secretOf('BUZON_MAILBOX_PASSWORD', env, faults);
  const { doneFolder = null, quarantineFolder = null } = file?.mailbox ?? {};
  if (value.startsWith('maildir:') && value.length > 8) {
    if (file && (doneFolder === null || quarantineFolder === null)) {
      faults.add(
        'mailbox.doneFolder, mailbox.quarantineFolder',
        'con maildir: hacen falta las dos carpetas; por ejemplo Procesados y Cuarentena',
      );
    }
    return { kind: 'maildir', folder: value.slice(8), doneFolder: doneFolder ?? '', quarantineFolder: quarantineFolder ?? '' };
  }
  const url = urlOf(value);
  if (!url || !['imap:', 'imaps:'].includes(url.protocol) || url.hostname === '' || url.username === '') {
    faults.add('BUZON_MAILBOX', 'se espera imaps://usuario@servidor/INBOX, imap://usuario@servidor/INBOX (STARTTLS) o maildir:CARPETA');
    return null;
  }
  if (url.password !== '')
    faults.add('BUZON_MAILBOX', 'la contraseña no va en la dirección; póngala en BUZON_MAILBOX_PASSWORD o BUZON_MAILBOX_PASSWORD_FILE');
  requirePassword('BUZON_MAILBOX_PASSWORD', password, tokenFault('mailbox', true, { file, env }), faults);
  const secure = url.protocol === 'imaps:';
  const mailbox = decodeURIComponent(url.pathname.slice(1)) || 'INBOX';
  for (const [key, folder] of Object.entries({ doneFolder, quarantineFolder })) {
    if (folder !== null && plainMailboxName(folder) === plainMailboxName(mailbox))
      faults.add(`mailbox.${key}`, `${folder} es el mismo buzón que se lee; elija otra carpeta, por ejemplo Procesados o Cuarentena`);
  }
  return {
    kind: 'imap',
    host: bareHost(url),
    port: url.port === '' ? (secure ? 993 : 143) : Number(url.port),
    secure,
    user: decodeURIComponent(url.username),
    password: password || null,
    mailbox,
    doneFolder,
    quarantineFolder,
  };
}

function transportOf(
  env: Environment,
  { file, mailbox }: { file: FileSettings | null; mailbox: Config['mailbox'] | null },
  faults: Faults,
): Config['transport'] | null {
  const value = env['BUZON_TRANSPORT'] || 'file:./data/outbox';
  const password = secretOf('BUZON_TRANSPORT_PASSWORD', env, faults);
  if (value.startsWith('file:') && value.length > 5) return { kind: 'file', folder: value.slice(5) };
  const url = urlOf(value);
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    faults.add('BUZON_TRANSPORT', 'se espera smtps://usuario@servidor, smtp://usuario@servidor:587 (STARTTLS) o file:CARPETA');
    return null;
  }
  if (url.password !== '')
    faults.add(
      'BUZON_TRANSPORT',
      'la contraseña no va en la dirección; póngala en BUZON_TRANSPORT_PASSWORD o BUZON_TRANSPORT_PASSWORD_FILE',
    );
  if (url.username !== '') {
    const sameOwner = mailbox?.kind === 'imap' && haveOneOwner(mailbox.host, bareHost(url));
    requirePassword('BUZON_TRANSPORT_PASSWORD', password, tokenFault('transport', sameOwner, { file, env }), faults);
  }
  const secure = url.protocol === 'smtps:';
  return {
    kind: 'smtp',
    host: bareHost(url),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    user: url.username === '' ? null : decodeURIComponent(url.username),
    password: password || null,
  };
}

/** @param noToken why the door cannot be entered by token; null when it can */
function requirePassword(key: string, password: string | null, noToken: string | null, faults: Faults): void {
  const how = `defínala o indique un archivo en ${key}_FILE`;
  if (password === '') faults.add(key, `la contraseña está vacía; ${how}, o quite la variable para entrar con OAuth2`);
  else if (password === null && noToken !== null) faults.add(key, `falta la contraseña, y ${noToken}; ${how}`);
}

/**
 * Why a door cannot be entered by token; null when it can. Whoever is given a token can read the mailbox: without a word in the settings it goes only to
 * the mailbox's own server, and to one of the same owner. A file with faults does not tell; then the secrets do.
 */
function tokenFault(door: Door, sameOwner: boolean, { file, env }: { file: FileSettings | null; env: Environment }): string | null {
  if (file === null) return Object.keys(env).some((key) => key.startsWith('BUZON_OAUTH_')) ? null : 'no se usa OAuth2 (oauth.clientId)';
  if (file.oauth.clientId === null) return 'no se usa OAuth2 (oauth.clientId)';
  if (file.oauth.for !== null) return file.oauth.for.includes(door) ? null : `oauth.for no nombra ${door}`;
  return sameOwner ? null : 'a ese servidor, que es otro que el del buzón, no se le da el token si oauth.for no nombra transport';
}

/** Domains of providers whose servers for reading and for sending have different names. */
const PROVIDER_DOMAINS = [
  ['office365.com', 'office.com', 'outlook.com'],
  ['gmail.com', 'googlemail.com'],
];

/** The same server, or two of one provider: `imap.gmail.com` and `smtp.gmail.com`; not `imap.a.com.co` and `smtp.b.com.co`, not `gmail.com.b.co`. */
function haveOneOwner(one: string, other: string): boolean {
  const isOf = (host: string, domains: readonly string[]) => domains.some((domain) => host.toLowerCase().endsWith(`.${domain}`));
  return one.toLowerCase() === other.toLowerCase() || PROVIDER_DOMAINS.some((domains) => isOf(one, domains) && isOf(other, domains));
}

/** Where each provider gives tokens, and what it is asked for: to read a mailbox by IMAP and to send. */
const PROVIDERS = {
  microsoft: {
    tokenUrl: (tenant: string | null) => (tenant === null ? null : `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`),
    scope: {
      refresh_token: 'https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access',
      client_credentials: 'https://outlook.office365.com/.default',
    },
  },
  google: { tokenUrl: () => 'https://oauth2.googleapis.com/token', scope: { refresh_token: null, client_credentials: null } },
  other: { tokenUrl: () => null, scope: { refresh_token: null, client_credentials: null } },
} as const;

function oauthOf(env: Environment, file: FileSettings | null, faults: Faults): OAuthClient | null {
  const clientSecret = secretOf('BUZON_OAUTH_CLIENT_SECRET', env, faults) || null;
  const refreshToken = secretOf('BUZON_OAUTH_REFRESH_TOKEN', env, faults) || null;
  if (file === null) return null;
  const { clientId, provider, tenant, grant, scope } = file.oauth;
  if (clientId === null) {
    if (clientSecret !== null || refreshToken !== null)
      faults.add('oauth.clientId', 'falta el identificador de la aplicación a la que pertenecen los secretos BUZON_OAUTH_…');
    return null;
  }
  const tokenUrl = file.oauth.tokenUrl ?? PROVIDERS[provider].tokenUrl(tenant);
  if (tokenUrl === null)
    faults.add(
      provider === 'microsoft' ? 'oauth.tenant' : 'oauth.tokenUrl',
      provider === 'microsoft'
        ? 'falta el directorio de Microsoft; por ejemplo itac.co'
        : 'falta la dirección https del servidor de autorización',
    );
  else if (!isSafeForSecrets(tokenUrl))
    faults.add(
      'oauth.tokenUrl',
      'se espera una dirección https: por ella viajan secretos; por ejemplo https://oauth2.googleapis.com/token',
    );
  if (grant === 'refresh_token' && refreshToken === null)
    faults.add('BUZON_OAUTH_REFRESH_TOKEN', 'falta; defínala, indique un archivo en BUZON_OAUTH_REFRESH_TOKEN_FILE, o cambie oauth.grant');
  if (grant === 'client_credentials' && provider === 'google')
    faults.add('oauth.grant', 'Google no ofrece client_credentials; escriba refresh_token');
  if (grant === 'client_credentials' && clientSecret === null)
    faults.add('BUZON_OAUTH_CLIENT_SECRET', 'falta; defínala o indique un archivo en BUZON_OAUTH_CLIENT_SECRET_FILE');
  return {
    tokenUrl: tokenUrl ?? '',
    clientId,
    clientSecret,
    scope: scope ?? PROVIDERS[provider].scope[grant],
    refreshToken: grant === 'refresh_token' ? refreshToken : null,
  };
}

/** Encrypted, or to this very machine. */
function isSafeForSecrets(address: string): boolean {
  const url = urlOf(address);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname));
}

/** Two spellings of one mailbox are equal: INBOX is the same in any case (RFC 9051 5.1), and `a//b/` is `a/b`. */
function plainMailboxName(name: string): string {
  const plain = name
    .split('/')
    .filter((level) => level !== '')
    .join('/');
  return plain.toUpperCase() === 'INBOX' ? 'INBOX' : plain;
}

/** `[::1]` as `::1`. */
function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.+)\]$/, '$1');
}

function httpOf(value: string, faults: Faults): Config['http'] {
  if (value === '') return null;
  const match = /^(.{1,255}):(\d{1,5})$/.exec(value);
  if (match && Number(match[2]) < 65_536) return { host: match[1]!.replace(/^\[(.+)\]$/, '$1'), port: Number(match[2]) };
  faults.add('BUZON_HTTP', 'se espera dirección:puerto, por ejemplo 127.0.0.1:8025, o vacío para apagarlo');
  return null;
}
